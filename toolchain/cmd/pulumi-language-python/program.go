package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"

	pulumirpc "github.com/pulumi/pulumi/sdk/v3/proto/go"
	"github.com/pulumi/pulumi/sdk/v3/python/toolchain"
)

const (
	executor = "pulumi-language-python-exec"
	// alreadyReported is the exit code by which the executor says that the person has seen the error.
	alreadyReported = 32
)

func (h *host) Run(request context.Context, req *pulumirpc.RunRequest) (*pulumirpc.RunResponse, error) {
	ctx, done := h.within(request)
	defer done()
	if req.GetAttachDebugger() {
		return &pulumirpc.RunResponse{Error: "this Python host can't attach a debugger: run without --attach-debugger"}, nil
	}
	python, err := pythonFor(ctx, req.GetInfo())
	if err != nil {
		return nil, err
	}
	cmd, err := h.program(ctx, python, req)
	if err != nil {
		return nil, err
	}
	return outcome(cmd.Run()), nil
}

func (h *host) program(
	ctx context.Context, python toolchain.Toolchain, req *pulumirpc.RunRequest,
) (*exec.Cmd, error) {
	script, err := findExecutor()
	if err != nil {
		return nil, err
	}
	config, err := configEnvironment(req)
	if err != nil {
		return nil, err
	}
	cmd, err := python.Command(ctx, append([]string{"-u", script}, h.arguments(req)...)...)
	if err != nil {
		return nil, err
	}
	supervise(cmd)
	if cmd.Env == nil {
		cmd.Env = os.Environ()
	}
	cmd.Env = append(cmd.Env, config...)
	cmd.Dir, cmd.Stdout, cmd.Stderr = req.GetPwd(), os.Stdout, os.Stderr
	return cmd, nil
}

func (h *host) arguments(req *pulumirpc.RunRequest) []string {
	info := req.GetInfo()
	args := []string{
		"--monitor", req.GetMonitorAddress(),
		"--engine", h.engine,
		"--project", req.GetProject(),
		"--stack", req.GetStack(),
		"--organization", req.GetOrganization(),
		"--root_directory", info.GetRootDirectory(),
		"--pwd", req.GetPwd(),
		"--dry_run", strconv.FormatBool(req.GetDryRun()),
		"--parallel", strconv.Itoa(int(req.GetParallel())),
	}
	if h.tracing != "" {
		args = append(args, "--tracing", h.tracing)
	}
	args = append(args, "--", filepath.Join(info.GetProgramDirectory(), info.GetEntryPoint()))
	return append(args, req.GetArgs()...)
}

// findExecutor looks beside this program, where the build puts it, then on the PATH.
func findExecutor() (string, error) {
	if self, err := os.Executable(); err == nil {
		script := filepath.Join(filepath.Dir(self), executor)
		if _, err := os.Stat(script); err == nil {
			return script, nil
		}
	}
	script, err := exec.LookPath(executor)
	if err != nil {
		return "", fmt.Errorf("%s is missing beside the Python host and on the PATH: build the toolchain again", executor)
	}
	return script, nil
}

// configEnvironment hands the stack's configuration over; the executor refuses null where there is none.
func configEnvironment(req *pulumirpc.RunRequest) ([]string, error) {
	config, secrets := req.GetConfig(), req.GetConfigSecretKeys()
	if config == nil {
		config = map[string]string{}
	}
	if secrets == nil {
		secrets = []string{}
	}
	values, err := json.Marshal(config)
	if err != nil {
		return nil, err
	}
	keys, err := json.Marshal(secrets)
	if err != nil {
		return nil, err
	}
	return []string{"PULUMI_CONFIG=" + string(values), "PULUMI_CONFIG_SECRET_KEYS=" + string(keys)}, nil
}

func outcome(err error) *pulumirpc.RunResponse {
	var exit *exec.ExitError
	switch {
	case err == nil:
		return &pulumirpc.RunResponse{}
	case errors.As(err, &exit) && exit.ExitCode() == alreadyReported:
		return &pulumirpc.RunResponse{Bail: true}
	case errors.As(err, &exit):
		return &pulumirpc.RunResponse{Error: "the Python program ended early: " + exit.String()}
	default:
		return &pulumirpc.RunResponse{Error: "the Python program did not run: " + err.Error()}
	}
}
