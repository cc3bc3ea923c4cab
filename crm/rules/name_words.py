"""The words by which names are read: titles, particles, companies, surnames. Only data.

All are casefolded and without dots; Hebrew geresh and gershayim are ' and ".
"""


def _set(words: str) -> frozenset[str]:
    return frozenset(words.split())


TITLES = _set(
    # English, German, French, Spanish, Portuguese, Italian
    "mr mrs ms miss mx dr drs prof professor sir madam rev hon"
    " herr herrn frau fräulein doktor mag ing dipl dipl-ing univ"
    " m mm mme mmes mlle monsieur madame mademoiselle maître docteur"
    " sr sra srta señor señora señorita doña dra lic senhor senhora"
    " sig sigra signor signora signorina dott dottssa dottore dottoressa avv"
    # Dutch, Swedish, Danish, Norwegian, Finnish
    " dhr mevr mw heer mevrouw fru fröken frøken hr herra rouva"
    # Polish, Czech, Hungarian, Romanian, Turkish, Vietnamese
    " pan pani pán paní slečna mgr inż mudr judr phdr bc özv ifj"
    " domnul doamna dl dna sayın bay bayan ông bà"
    # Russian, Ukrainian, Bulgarian, Greek
    " г-н г-жа гн господин госпожа доктор д-р др проф профессор товарищ тов гр"
    " пані добродій добродійка пан κ κος κα κυρία κύριος δρ"
    # Arabic, Persian
    " السيد السيدة الآنسة الانسة الدكتور الدكتورة دكتور دكتورة د م أ المهندس المهندسة"
    " مهندس مهندسة الأستاذ الأستاذة الاستاذ أستاذ أستاذة استاذ الشيخ شيخ الحاج الحاجة"
    " آقا آقای خانم دکتر"
    # Hebrew
    " מר גב' גברת הגברת אדון האדון ד\"ר דר' פרופ' פרופסור הרב רבי עו\"ד רו\"ח העלמה"
    # Hindi, Thai
    " श्री श्रीमती सुश्री कुमारी डॉ นาย นาง นางสาว นส ดร คุณ"
)
# Words that belong to the family name behind them: van der Berg, de la Cruz.
PARTICLES = _set(
    "van von der den de del della di da do dos das du la le ter ten zu zum zur af av"
    " bin ibn al el ben bat mac st بن ابن بنت آل ال"
)
# Words that make one given name with the next: عبد الله, Abu Bakr.
JOINED = _set("عبد أبو ابو أم abd abdel abdul abu umm")
SUFFIXES = _set("jr sr ii iii iv phd md mba msc bsc esq dds ma ba bsc jd rn cpa")
COUPLED = _set("& + and und et y e en och og и і та ו")

# What makes a name that of a company, at its end.
COMPANY = _set(
    "inc llc ltd limited gmbh mbh ohg corp corporation incorporated plc llp pty sarl"
    " srl kft zrt sro spzoo ооо оао зао пао еоод оод"
)
# Also words of other meaning: only after a comma, with dots or in capitals.
COMPANY_MAYBE = _set("ag kg ug ev ab as asa sa sas spa bv nv oy oyj co company aps")
# These stand before the name.
COMPANY_FIRST = _set("ооо оао зао пао ао ип тов")
COMPANY_PARTS = (
    "公司",
    "株式会社",
    "有限会社",
    "合同会社",
    "주식회사",
    "(주)",
    'בע"מ',
    "شركة",
)

# What stands where a name is not known. Those of the second set only as they are here.
NOTHING = _set(
    "null (null) <null> [null] \\n nil none n/a #n/a n.a. undefined unknown anonymous"
    " noname blank (blank) empty - -- --- . .. ... ? ?? ??? _ / x xx xxx"
    " #ref! #value! #name? #div/0! #num! #null!"
    " unbekannt inconnu desconocido неизвестно 未知 无 無 不详"
)
NOTHING_AS_WRITTEN = _set("NA NaN nan")
NOTHING_PHRASES = frozenset(
    {"no name", "not provided", "not available", "not given", "לא ידוע"}
)

TWO_CHARACTER_SURNAMES = _set(
    "欧阳 歐陽 司马 司馬 上官 诸葛 諸葛 司徒 东方 東方 独孤 獨孤 慕容 夏侯 皇甫"
    " 尉迟 尉遲 长孙 長孫 宇文 令狐 公孙 公孫 端木 申屠 轩辕 軒轅 南宫 南宮"
)
VIETNAMESE_SURNAMES = _set(
    "nguyễn trần lê phạm huỳnh hoàng phan vũ võ đặng bùi đỗ hồ ngô dương lý đào đinh"
    " đoàn lâm mai trịnh trương tạ tô hà cao châu"
)
# As they are written in Latin letters, by language.
ROMANISED_SURNAMES = {
    "vi": _set(
        "nguyen tran le pham huynh hoang phan vu vo dang bui do ho ngo duong ly dao"
        " dinh doan lam mai trinh truong"
    ),
    "zh": _set(
        "wang li zhang liu chen yang huang zhao wu zhou xu sun ma zhu hu guo he gao lin"
        " luo zheng liang xie song tang xu han feng deng cao peng zeng xiao tian dong"
        " yuan pan yu jiang cai ye du su wei lu ding ren shen yao cui tan fan jin shi"
        " chan wong lee cheung lam ng leung ho yeung"
    ),
    "ko": _set(
        "kim lee park choi jung jeong kang cho yoon jang lim han oh seo shin kwon hwang"
        " ahn song hong yoo ko moon yang bae baek heo nam"
    ),
}
# Languages whose names lead with the family, whatever script they are written in.
FAMILY_FIRST = frozenset({"hu", "ja"})
LANGUAGES_THAT_TELL = FAMILY_FIRST | frozenset(ROMANISED_SURNAMES)
