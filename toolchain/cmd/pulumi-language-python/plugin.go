package main

import (
	"context"
	"errors"
	"os/exec"
	"path/filepath"

	"github.com/pulumi/pulumi/sdk/v3/go/common/apitype"
	"github.com/pulumi/pulumi/sdk/v3/go/common/util/rpcutil"
	pulumirpc "github.com/pulumi/pulumi/sdk/v3/proto/go"
	"github.com/pulumi/pulumi/sdk/v3/python/toolchain"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
)

// RunPlugin runs a policy pack or a provider written in Python until it ends or the engine hangs up.
func (h *host) RunPlugin(req *pulumirpc.RunPluginRequest, stream pulumirpc.LanguageRuntime_RunPluginServer) error {
	ctx, done := h.within(stream.Context())
	defer done()
	if req.GetAttachDebugger() {
		return status.Error(codes.Unimplemented, "this Python host can't attach a debugger: run without --attach-debugger")
	}
	cmd, err := pluginCommand(ctx, req)
	if err != nil {
		return err
	}
	closer, stdout, stderr, err := rpcutil.MakeRunPluginStreams(stream, false)
	if err != nil {
		return err
	}
	cmd.Stdout, cmd.Stderr = stdout, stderr
	err = cmd.Run()
	if closing := closer.Close(); err == nil {
		err = closing
	}
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		return err
	}
	return stream.Send(&pulumirpc.RunPluginResponse{
		Output: &pulumirpc.RunPluginResponse_Exitcode{Exitcode: int32(cmd.ProcessState.ExitCode())},
	})
}

func pluginCommand(ctx context.Context, req *pulumirpc.RunPluginRequest) (*exec.Cmd, error) {
	python, err := pythonFor(ctx, req.GetInfo())
	if err != nil {
		return nil, err
	}
	cmd, err := python.Command(ctx, pluginArguments(req)...)
	if err != nil {
		return nil, err
	}
	supervise(cmd)
	cmd.Dir, cmd.Env = req.GetPwd(), req.GetEnv()
	if environment, err := python.VirtualEnvPath(ctx); err == nil && environment != "" {
		cmd.Env = toolchain.ActivateVirtualEnv(cmd.Env, environment)
	}
	return cmd, nil
}

// pluginArguments: a policy pack is a program for the module pulumi.policy, any other plugin runs by itself.
func pluginArguments(req *pulumirpc.RunPluginRequest) []string {
	path := filepath.Join(req.GetInfo().GetProgramDirectory(), req.GetInfo().GetEntryPoint())
	if req.GetKind() == string(apitype.AnalyzerPlugin) {
		return append(append([]string{"-u", "-m", "pulumi.policy"}, req.GetArgs()...), path)
	}
	return append([]string{"-u", path}, req.GetArgs()...)
}
