// Command pulumi-language-python lets the Pulumi engine run Python programs and plugins.
//
// The engine starts it with its own address as the last argument, reads one line with our port, and then speaks the
// LanguageRuntime service of pulumi/language.proto. Which Python to run comes with each request (ProgramInfo.options).
package main

import (
	"context"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"
	"time"

	"github.com/pulumi/pulumi/sdk/v3/go/common/util/logging"
	"github.com/pulumi/pulumi/sdk/v3/go/common/util/rpcutil"
	pulumirpc "github.com/pulumi/pulumi/sdk/v3/proto/go"
	"google.golang.org/grpc"
)

// watchInterval bounds how long this process outlives an engine that was killed.
const watchInterval = time.Second

func main() {
	if err := run(os.Args[1:], os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "pulumi-language-python: "+err.Error())
		os.Exit(1)
	}
}

func run(args []string, out io.Writer) error {
	flags := flag.NewFlagSet("pulumi-language-python", flag.ContinueOnError)
	tracing := flags.String("tracing", "", "where to send traces")
	logToStderr := flags.Bool("logtostderr", false, "log to stderr")
	verbosity := flags.Int("v", 0, "log verbosity")
	if err := flags.Parse(args); err != nil {
		return err
	}
	engine := flags.Arg(flags.NArg() - 1)
	if engine == "" {
		return fmt.Errorf("the address of the engine is missing; the Pulumi CLI starts this program, people don't")
	}
	logging.InitLogging(*logToStderr, *verbosity, false)

	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := rpcutil.Healthcheck(ctx, engine, watchInterval, stop); err != nil {
		return fmt.Errorf("the engine at %s can't be watched: %w", engine, err)
	}
	return serve(ctx, out, &host{lifetime: ctx, end: stop, engine: engine, tracing: *tracing})
}

func serve(ctx context.Context, out io.Writer, service pulumirpc.LanguageRuntimeServer) error {
	cancel := make(chan bool)
	context.AfterFunc(ctx, func() { close(cancel) })
	handle, err := rpcutil.ServeWithOptions(rpcutil.ServeOptions{
		Cancel: cancel,
		Init: func(server *grpc.Server) error {
			pulumirpc.RegisterLanguageRuntimeServer(server, service)
			return nil
		},
	})
	if err != nil {
		return fmt.Errorf("no port to listen on: %w", err)
	}
	if _, err := fmt.Fprintln(out, handle.Port); err != nil {
		return err
	}
	return <-handle.Done
}
