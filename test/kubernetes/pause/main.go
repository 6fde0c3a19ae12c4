// What holds the namespaces of a pod, or of a whole node: takes in orphans, and waits until it is told to end.
package main

import (
	"os"
	"os/signal"
	"syscall"
)

// bury reaps all children that have ended.
func bury() {
	for {
		if pid, err := syscall.Wait4(-1, nil, syscall.WNOHANG, nil); pid <= 0 && err != syscall.EINTR {
			return
		}
	}
}

func main() {
	signals := make(chan os.Signal, 8)
	signal.Notify(signals, syscall.SIGINT, syscall.SIGTERM, syscall.SIGCHLD)
	// Children that ended before anybody listened.
	bury()
	for received := range signals {
		if received != syscall.SIGCHLD {
			return
		}
		bury()
	}
}
