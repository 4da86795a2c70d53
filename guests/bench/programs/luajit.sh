# The same program as lua, by a compiler of traces that emits machine code.
# packages: luajit
# group: code
# with: programs/lua.lua
luajit /program/lua.lua 40
