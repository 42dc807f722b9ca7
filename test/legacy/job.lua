-- SPDX-License-Identifier: Apache-2.0
-- A Lua program that uses what moves badly elsewhere: errors, coroutines, closures, open files.
local function words(seed, count)
    return coroutine.wrap(function()
        for i = 1, count do
            seed = (seed * 1103515245 + 12345) % 2147483648
            coroutine.yield(string.format("%06x", seed // 64 % 0x1000000), i)
        end
    end)
end

local out = assert(io.open("lua.out", "w"))
local seen, sum = {}, 0.0
for word, i in words(7, 150) do
    local ok, err = pcall(function()
        if i % 13 == 0 then error({code = i}) end
        return word
    end)
    seen[#seen + 1] = ok and err or "error " .. err.code
    sum = sum + math.sin(i) * math.sqrt(i)
    out:write(i, " ", seen[#seen], "\n")
    if i % 40 == 0 then print("at", i, string.format("%.17g", sum)) end
end
table.sort(seen)
out:write(table.concat(seen, "\n"), "\n")
out:close()

local object = setmetatable({}, {__index = function(_, k) return k .. "!" end, __close = function() print("closed") end})
do
    local held <close> = object
    print(held.anything, #seen, select(2, pcall(error, "last")))
end
for line in io.lines("lua.out") do sum = sum + #line end
print(string.format("%.17g", sum), collectgarbage("count") > 0)
os.exit(5)
