"""Exports: tables of our records as files to take along, made by a job.

formats    CSV, JSON Lines and Excel: how a part of a table is written
slices     one slice of the job: read some records, write them as a part
packing    the parts as one file, piece by piece: alone, or several in a ZIP
zips       a ZIP that another process can go on with
asking     who may export what; starts the job
"""
