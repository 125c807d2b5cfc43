// The driver built with version 1.0.5 of the Go library client, which SingularityCE 3.7 and 3.8 use. It has no
// concurrent download.
package main

import "sifshelf/interop/driver"

func main() {
	driver.Main(nil)
}
