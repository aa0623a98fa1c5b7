package main

import (
	"context"
	"fmt"
	"os/exec"
	"syscall"
	"time"

	pulumirpc "github.com/pulumi/pulumi/sdk/v3/proto/go"
	"github.com/pulumi/pulumi/sdk/v3/python/toolchain"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
)

// patience is what a program that is told to stop gets before it is killed.
const patience = 2 * time.Second

// pythonFor finds the Python of a program: that of the runtime option `virtualenv` (relative to the project's root), or
// the one of `toolchain: uv` or `poetry`, else the one on the PATH.
func pythonFor(ctx context.Context, info *pulumirpc.ProgramInfo) (toolchain.Toolchain, error) {
	options, err := optionsOf(info)
	if err != nil {
		return nil, status.Error(codes.InvalidArgument, err.Error())
	}
	python, err := toolchain.ResolveToolchain(options)
	if err != nil {
		return nil, status.Error(codes.FailedPrecondition, err.Error())
	}
	path, err := python.VirtualEnvPath(ctx)
	if err == nil && path != "" && !toolchain.IsVirtualEnv(path) {
		return nil, status.Errorf(codes.FailedPrecondition,
			"there is no Python in %s, the virtualenv of this project: run `make up` in %s to create it",
			path, options.Root)
	}
	return python, nil
}

func optionsOf(info *pulumirpc.ProgramInfo) (toolchain.PythonOptions, error) {
	options := toolchain.PythonOptions{Root: info.GetRootDirectory(), ProgramDir: info.GetProgramDirectory()}
	for name, value := range info.GetOptions().GetFields() {
		switch text := value.GetStringValue(); {
		case name == "virtualenv":
			options.Virtualenv = text
		case name == "toolchain" && text == "pip":
			options.Toolchain = toolchain.Pip
		case name == "toolchain" && text == "uv":
			options.Toolchain = toolchain.Uv
		case name == "toolchain" && text == "poetry":
			options.Toolchain = toolchain.Poetry
		default:
			return options, fmt.Errorf("runtime option `%s: %v` is not known to this Python host: it knows "+
				"`virtualenv: <folder>` and `toolchain: pip|uv|poetry`", name, value.AsInterface())
		}
	}
	return options, nil
}

// supervise makes the end of the command's context the end of everything that the command started.
func supervise(cmd *exec.Cmd) {
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	cmd.Cancel = func() error { return syscall.Kill(-cmd.Process.Pid, syscall.SIGTERM) }
	cmd.WaitDelay = patience
}
