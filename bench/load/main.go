// Command load stands on both sides of an SMS gateway: a stub of the carriers, and the tenant that posts messages.
package main

import (
	"flag"
	"fmt"
	"os"
)

func main() {
	commands := map[string]func([]string) error{"stub": stub, "measure": measure, "endure": endure}
	if len(os.Args) < 2 || commands[os.Args[1]] == nil {
		fmt.Fprintln(os.Stderr, "usage: load stub|measure|endure [flags]")
		os.Exit(2)
	}
	if err := commands[os.Args[1]](os.Args[2:]); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func flags(name string, arguments []string, define func(*flag.FlagSet)) error {
	set := flag.NewFlagSet(name, flag.ContinueOnError)
	define(set)
	return set.Parse(arguments)
}
