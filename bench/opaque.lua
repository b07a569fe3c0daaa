-- wrk: requests with 10,000 different opaque tokens of 40 bytes, none revoked

local requests = {}
local n = 0

init = function(args)
    local letters = "abcdefghijklmnopqrstuvwxyz0123456789"

    math.randomseed(42)

    for i = 1, 10000 do
        local token = {}

        for k = 1, 40 do
            local x = math.random(#letters)
            token[k] = letters:sub(x, x)
        end

        requests[i] = "GET " .. args[1] .. " HTTP/1.1\r\nHost: h\r\n" ..
                      "Authorization: Bearer " .. table.concat(token) ..
                      "\r\n\r\n"
    end
end

request = function()
    n = n % #requests + 1
    return requests[n]
end
