-- wrk: GET args[1] with the tokens of the file args[2] in turn

local requests = {}
local n = 0

init = function(args)
    for token in io.lines(args[2]) do
        requests[#requests + 1] = "GET " .. args[1] .. " HTTP/1.1\r\n" ..
                                  "Host: h\r\nAuthorization: Bearer " ..
                                  token .. "\r\n\r\n"
    end
end

request = function()
    n = n % #requests + 1
    return requests[n]
end
