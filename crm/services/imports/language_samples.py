"""A few names of each language, for telling encodings apart. Only data."""

# Babel's words for countries and languages teach the letters; these teach how names
# look. They are common names, put together at random.
NAMES = {
    "de": (
        "Müller Schröder Jäger Köhler Groß Weiß Günther Jürgen Björn Bäcker Kühn "
        "Höfer Jörg Käthe Schäfer Büchner Löwe Vogel Strauß Straße Größe Grün Köln "
        "München"
    ),
    "fr": (
        "François Hélène Benoît Chloé Zoé Léa André Éric Étienne Lefèvre Gérard "
        "Renée Noël Joël Maël Anaïs Cœur Œuvrard Desprès Rémi Inès Agnès Garçon "
        "Lemaître"
    ),
    "es": (
        "José María Núñez Peña Muñoz Sánchez Pérez García Martínez Íñigo Álvaro "
        "Ramón Begoña Hernández Gómez Rodríguez López Ibáñez Jesús Concepción Águeda "
        "Cortés"
    ),
    "pt": (
        "João Conceição Gonçalves Magalhães Simões Antônio Luís Inês Mónica Assunção "
        "Guimarães Falcão Lourenço Camões Patrícia Araújo Fábio Sérgio Tomé Brandão"
    ),
    "it": (
        "Niccolò Nicolò Cantù Dalì Mercè Forlì Totò Pelè Salomè Noemì Bertè Calì Riccò"
    ),
    "nl": (
        "Zoë Chloë Daniëlle Renée Joëlle Andrée Michaël Gabriël Rafaël Hélène Loïs "
        "Anaïs"
    ),
    "sv": (
        "Åsa Björn Örjan Håkan Göran Sjöberg Lindström Ångström Nyström Söderberg "
        "Märta Åkesson Bergström Hägg Öberg Sjögren Hansén Lindén Pär Gösta Väinö "
        "Järvinen"
    ),
    "da": (
        "Søren Jørgensen Sørensen Bjørn Åse Nørgård Kjær Ørsted Mørk Gård Brøndum "
        "Hæk Østergaard Bækgaard Jørn Kåre Bødker Øyvind Håkon Ødegård Sæther "
        "Bjørnstad"
    ),
    "is": (
        "Þórður Guðrún Sigurður Björk Jón Ásgeir Ólafur Þóra Kristín Guðmundsdóttir "
        "Hallgrímsson Davíð Ísleifur Æsa Örn Jóhannesson Þorsteinn Sigríður"
    ),
    "pl": (
        "Łukasz Kamiński Wiśniewski Wójcik Zieliński Szymański Woźniak Dąbrowski "
        "Małgorzata Kozłowski Jarosław Paweł Michał Święcki Żak Błażej Grażyna "
        "Dębski Źrebiec Łoś Ćwik Piątek Gąsior Świątek Jędrzej Bożena Stanisław "
        "Elżbieta Rafał Gołąb Król Mróz Góral"
    ),
    "cs": (
        "Jiří Dvořák Černý Novotný Procházka Kučera Veselý Růžička Šimůnek Zdeněk "
        "Lukáš Ondřej Tomáš Němec Křížová Řehoř Žák Šťastný Havlíčková Jiřina "
        "Kateřina Čeněk Fiala Kubíček Pospíšil Hájek Beneš Říha Bartoš Svobodová "
        "Nováková Ladislav Děd Květa"
    ),
    "sk": (
        "Kováč Horváth Varga Ľubomír Ľudmila Štefánik Žofia Hudák Šimko Gašpar "
        "Čaplovič Ďuriš Ťažký Mikuláš Kráľ Ondrej Jánošík Lukáčová Hlaváčová Vargová "
        "Dušan Peťo Ľuboš"
    ),
    "hu": (
        "Szabó Kovács Tóth Horváth Varga Kiss Molnár Németh Farkas László István "
        "György Gergő Erdős Szűcs Fűzfa Zoltán Katalin Ágnes Éva Ödön Őri Úrvölgyi "
        "Kőműves Győző Béla Csűrös Bíró Mészáros Gál Bálint Réka Áron Csaba Gábor "
        "Jenő Ernő Kálmán Sándor"
    ),
    "ro": (
        "Ștefan Țepeș Ionuț Mărioara Brâncuși Ileană Răzvan Cătălin Iași Stănescu "
        "Vlăduț Ceaușescu Mureșan Ioniță Pîrvu Crăciun Năstase Bălan Gheorghiță "
        "Ştefănescu Bănică Ţurcanu Ionuţ Brâncuşi Dragoş Murgulescu"
    ),
    "hr": (
        "Željko Božić Jurić Perić Horvat Kovačević Marković Šimić Vučković Matić "
        "Ćosić Đorđe Dragičević Živko Zvonimir Čačić Krpić Josić Šarić Đurđica Dinić "
        "Anđela Petrović"
    ),
    "tr": (
        "Yılmaz Şahin Çelik Öztürk Aydın Ayşe Gökhan Çağlar Işık İbrahim Güneş Kılıç "
        "Özgür Doğan Şimşek Tuğba Yıldız Ağaoğlu Koç Ünal Çınar Eroğlu Barış Gülşen "
        "Oğuz Şükrü"
    ),
    "lt": (
        "Žilvinas Kazlauskienė Petrauskaitė Jurgaitė Šarūnas Stankevičius Ąžuolas "
        "Rūta Žukauskas Urbonavičius Živilė Eglė Čiurlionis Mindaugas Gediminaitė "
        "Ūla Kęstutis"
    ),
    "lv": (
        "Jānis Kārlis Bērziņš Kalniņš Ozoliņš Liepiņš Krūmiņa Zariņa Līga Mārtiņš "
        "Ģirts Ķauķis Šķēle Čakste Žanis Ilmārs Inārs Ēriks Guntārs Elīna Annija "
        "Pētersone"
    ),
    "et": (
        "Tõnu Jõgi Mägi Kõiv Õunapuu Pärn Küllike Sööt Rüütel Tüür Põder Tõnis Ülo Änn"
    ),
    "vi": (
        "Nguyễn Trần Lê Phạm Huỳnh Hoàng Phan Vũ Võ Đặng Bùi Đỗ Hồ Ngô Dương Lý Thị Văn"
    ),
    "ru": (
        "Иван Петров Сергей Иванов Александр Смирнов Дмитрий Кузнецов Анна Соколова "
        "Мария Попова Елена Лебедева Ольга Козлова Наталья Новикова Татьяна Морозова "
        "Юлия Волкова Сергеевич Александровна Николаевич Михайловна Владимир Андрей "
        "Алексей Екатерина Щербаков Юрий Яковлев Жуков Ильин Зайцев Чернышёв Людмила "
        "Ирина Светлана друг Москва"
    ),
    "uk": (
        "Олена Шевченко Андрій Коваленко Іван Бондаренко Оксана Ткаченко Юрій "
        "Мельник Сергій Кравченко Наталія Олійник Ірина Євген Їжак Лисенко Микола "
        "Григорович Ґудзь"
    ),
    "bg": (
        "Георги Иванов Димитър Петров Мария Стоянова Николай Христов Елена Тодорова "
        "Йордан Ангелов Веселин Жечева Румяна Цветанов Пенка Янкова Божидар Щерев"
    ),
    "sr": (
        "Милош Јовановић Петровић Никола Ђорђевић Љиљана Његош Џаја Павловић Жељко "
        "Ћирић"
    ),
    "el": (
        "Γιώργος Παπαδόπουλος Μαρία Ιωάννου Δημήτρης Νικολάου Ελένη Κωνσταντίνου "
        "Κώστας Βασίλης Γεωργίου Αικατερίνη Χρήστος Παναγιώτου Σοφία Αντωνίου Άννα "
        "Ευάγγελος Ζωή"
    ),
    "he": (
        "משה כהן נועה לוי דוד מזרחי שרה פרץ יוסף ביטון רחל דהן יעקב אברהם חנה פרידמן "
        "דנה יצחק אזולאי מרים כץ אורי גבאי תמר עמר איתן חדד יעל שפירא עומר בן דיין "
        "ליאור רונית אביב חיים שלום גולן צבי אסתר טל סגל נעמי מאיר אריה ברק עדי רות "
        "גל חבר עיתון רחוב"
    ),
    "ar": (
        "محمد أحمد علي حسن فاطمة عائشة خالد عبد الله الرحمن سعيد إبراهيم مريم يوسف "
        "حسين نور سارة عمر الخطيب المصري الحربي العتيبي ليلى مصطفى محمود خديجة طارق "
        "ياسمين بن آل"
    ),
    "fa": "محمد علی حسین رضا زهرا فاطمه مریم محمدی حسینی احمدی پرویز چنگیز ژاله گیتی",
    "th": (
        "สมชาย ใจดี สมหญิง รักไทย วิชัย ศรีสุข ประเสริฐ ทองคำ นาย นางสาว กิตติ "
        "สุวรรณ พงษ์ วรรณา แสงจันทร์ ธนากร บุญมี มาลี อรทัย เพชร ณัฐพล จันทร์ สุดา"
    ),
    "zh": (
        "王李张刘陈杨黄赵吴周徐孙马朱胡郭何高林罗郑梁谢宋唐许韩冯邓曹彭曾肖田董袁潘于"
        "蒋蔡余杜叶程苏魏吕丁任沈姚卢姜崔钟谭陆汪范金石廖贾夏韦付方白邹孟熊秦邱江尹薛"
        "闫段雷侯龙史陶黎贺顾毛郝龚邵万钱严武戴莫孔向汤伟芳娜秀英敏静丽强磊军洋勇艳杰"
        "娟涛明超兰霞平刚桂红玉文华建国志小晓春雪梅海燕鹏飞宇浩俊婷欣怡佳思雨子轩涵博"
        "诗琪梓萱朋友报纸北京上海广州介绍网络"
    ),
    "zh-hant": (
        "陳林黃張李王吳劉蔡楊許鄭謝洪郭邱曾廖賴徐周葉蘇莊呂江何蕭羅高潘簡朱鍾游詹胡施"
        "沈余盧梁趙顏柯翁魏孫戴范方宋鄧杜傅侯曹薛丁卓馬董溫唐藍石蔣田康鄒白涂尤淑芬美"
        "玲惠雅婷怡君志明俊傑家豪建宏宗翰佳穎承恩冠宇大文朋友報紙臺北香港國華英德偉強"
        "麗華秀珍玉梅國榮明慧心怡子涵"
    ),
    "ja": (
        "佐藤鈴木高橋田中伊藤渡辺山本中村小林加藤吉田山田佐々木松本井上木村清水斎藤山"
        "口森池田橋本石川前田小川岡田後藤長谷川太郎花子一郎次郎健太美咲陽子裕子直樹誠"
        "翔大輔恵子由美真理和也雑誌友人東京大阪さくらひなたゆいはるとアンナケンタマリ"
        "ア"
    ),
    "ko": (
        "김이박최정강조윤장임한오서신권황안송전홍유고문양손배백허남심노하곽성차주우구"
        "민진지현준서연민수영희철수미경숙자은정호석진우성훈동현유진예은하늘지은수빈재"
        "현상훈영미순혜"
    ),
}
