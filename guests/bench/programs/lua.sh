# An interpreter of bytecode in registers.
# packages: lua5.4
lua5.4 /program/lua.lua 4
