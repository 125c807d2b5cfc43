module sifshelf/bench

go 1.25.7
