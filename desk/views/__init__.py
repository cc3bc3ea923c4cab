"""Pages that show many apps at once. They read; every change is another app's."""
