// Command counterfoil is a counter for paper vouchers: it activates and voids
// them at the voucher platform and remembers every one of them. This package
// only hands the world to the command tree and its code back to the system.
package main

import (
	"os"

	"counterfoil/screens/cli"
)

func main() {
	os.Exit(cli.Main(cli.World{
		Args: os.Args[1:], Environ: os.Environ(),
		Stdin: os.Stdin, Stdout: os.Stdout, Stderr: os.Stderr,
	}))
}
