# CPython: start-up, objects, dictionaries, strings, big integers.
# packages: python3.11
python3.11 -I /program/python3.py
