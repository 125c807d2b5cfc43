module sifshelf/interop/client-1.3.5

go 1.25.7

require (
	github.com/sylabs/scs-library-client v1.3.5
	sifshelf/interop/driver v0.0.0
)

require (
	github.com/blang/semver/v4 v4.0.0 // indirect
	github.com/go-log/log v0.2.0 // indirect
	github.com/sylabs/json-resp v0.8.1 // indirect
	golang.org/x/sync v0.0.0-20220513210516-0976fa681c29 // indirect
)

replace sifshelf/interop/driver => ../driver
