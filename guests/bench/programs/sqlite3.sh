# A database in memory: inserts, an index, joins, aggregates, sorting.
# packages: sqlite3
sqlite3 :memory: < /program/sqlite3.sql
