// Command kubefed-sandbox is one multi-call binary that holds the servers of a real Kubernetes control plane:
// etcd, kube-apiserver, kube-controller-manager and kube-scheduler, and kubectl beside them.
//
// The first argument, or the name it is called by, chooses the program; everything behind it goes to that program
// unchanged. There is no logic of our own here on purpose: what the tests run against is what upstream ships.
package main

import (
	"fmt"
	"os"
	"path/filepath"
	"sort"
	"strings"
)

// programs maps a program's name to its entry point. An entry point reads os.Args as upstream's main does.
var programs = map[string]func(){
	"etcd":                    runEtcd,
	"kube-apiserver":          runAPIServer,
	"kube-controller-manager": runControllerManager,
	"kube-scheduler":          runScheduler,
	"kubectl":                 runKubectl,
}

func main() {
	if run, known := programs[filepath.Base(os.Args[0])]; known {
		run()
		return
	}
	if len(os.Args) > 1 {
		if run, known := programs[os.Args[1]]; known {
			os.Args = os.Args[1:]
			run()
			return
		}
	}
	fmt.Fprintf(os.Stderr, "usage: kubefed-sandbox PROGRAM [ARGUMENTS]\nprograms: %s\n", strings.Join(names(), ", "))
	os.Exit(2)
}

func names() []string {
	all := make([]string, 0, len(programs))
	for name := range programs {
		all = append(all, name)
	}
	sort.Strings(all)
	return all
}
