package main

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/pulumi/pulumi/sdk/v3/go/common/apitype"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource/plugin"
	pulumirpc "github.com/pulumi/pulumi/sdk/v3/proto/go"
	"github.com/pulumi/pulumi/sdk/v3/python/toolchain"
)

// manifest is what a Python package that needs a Pulumi plugin carries.
const manifest = "pulumi-plugin.json"

func (h *host) GetRequiredPackages(
	request context.Context, req *pulumirpc.GetRequiredPackagesRequest,
) (*pulumirpc.GetRequiredPackagesResponse, error) {
	ctx, done := h.within(request)
	defer done()
	python, err := pythonFor(ctx, req.GetInfo())
	if err != nil {
		return nil, err
	}
	folders, err := packageFolders(ctx, python)
	if err != nil {
		return nil, err
	}
	response := &pulumirpc.GetRequiredPackagesResponse{}
	for _, folder := range folders {
		found, err := requiredIn(folder)
		if err != nil {
			return nil, err
		}
		response.Packages = append(response.Packages, found...)
	}
	return response, nil
}

// requiredIn reads the manifests of the packages installed in one folder.
func requiredIn(folder string) ([]*pulumirpc.PackageDependency, error) {
	paths, err := filepath.Glob(filepath.Join(folder, "*", manifest))
	if err != nil {
		return nil, err
	}
	var required []*pulumirpc.PackageDependency
	for _, path := range paths {
		description, err := plugin.LoadPulumiPluginJSON(path)
		if err != nil {
			return nil, fmt.Errorf("%s is unreadable: install its package again: %w", path, err)
		}
		if description.Resource {
			required = append(required, dependency(description, filepath.Base(filepath.Dir(path))))
		}
	}
	return required, nil
}

// dependency: a manifest without a name means the package's own.
func dependency(description *plugin.PulumiPluginJSON, folder string) *pulumirpc.PackageDependency {
	name := description.Name
	if name == "" {
		name = strings.ReplaceAll(strings.TrimPrefix(folder, "pulumi_"), "_", "-")
	}
	return &pulumirpc.PackageDependency{
		Name:             name,
		Kind:             string(apitype.ResourcePlugin),
		Version:          description.Version,
		Server:           description.Server,
		Parameterization: parameters(description.Parameterization),
		Extension:        parameters(description.ExtensionParameterization),
	}
}

func parameters(given *plugin.PulumiParameterizationJSON) *pulumirpc.PackageParameterization {
	if given == nil {
		return nil
	}
	return &pulumirpc.PackageParameterization{Name: given.Name, Version: given.Version, Value: given.Value}
}

// packageFolders asks the virtualenv's layout, else Python itself, where packages are installed.
func packageFolders(ctx context.Context, python toolchain.Toolchain) ([]string, error) {
	environment, err := python.VirtualEnvPath(ctx)
	if err == nil && environment != "" {
		return filepath.Glob(filepath.Join(environment, "lib", "python*", "site-packages"))
	}
	var folders []string
	return folders, ask(ctx, python, "import json, sys; print(json.dumps([p for p in sys.path if p]))", &folders)
}

func (h *host) GetProgramDependencies(
	request context.Context, req *pulumirpc.GetProgramDependenciesRequest,
) (*pulumirpc.GetProgramDependenciesResponse, error) {
	ctx, done := h.within(request)
	defer done()
	python, err := pythonFor(ctx, req.GetInfo())
	if err != nil {
		return nil, err
	}
	var packages []struct{ Name, Version string }
	if err := ask(ctx, python, listPackages, &packages); err != nil {
		return nil, err
	}
	response := &pulumirpc.GetProgramDependenciesResponse{}
	for _, found := range packages {
		response.Dependencies = append(response.Dependencies,
			&pulumirpc.DependencyInfo{Name: found.Name, Version: found.Version})
	}
	return response, nil
}

// listPackages needs no pip in the environment.
const listPackages = `import json
from importlib.metadata import distributions
found = {d.metadata["Name"]: d.version for d in distributions()}
print(json.dumps([{"Name": name, "Version": found[name]} for name in sorted(found)]))`

func ask(ctx context.Context, python toolchain.Toolchain, script string, answer any) error {
	cmd, err := python.Command(ctx, "-I", "-c", script)
	if err != nil {
		return err
	}
	cmd.Stderr = os.Stderr
	output, err := cmd.Output()
	if err != nil {
		return fmt.Errorf("%s did not answer: %w", cmd.Path, err)
	}
	return json.Unmarshal(output, answer)
}
