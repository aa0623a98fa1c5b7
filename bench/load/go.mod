module auth0-phone/bench/load

go 1.24
