"""The one place where the record and the file format meet: loading, the session, committing, the snapshot, the inbox,
backups.
"""
