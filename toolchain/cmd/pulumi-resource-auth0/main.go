// Command pulumi-resource-auth0 is the Auth0 plugin: Auth0's own Terraform provider behind Pulumi's bridge.
//
// It answers to the same type tokens, names and state as the plugin that the PyPI package of the same version asks for.
// The schema is left empty: `pulumi import` needs `--generate-code=false`, schema tooling finds nothing.
package main

import (
	"fmt"

	"github.com/auth0/terraform-provider-auth0/internal/provider"
	"github.com/pulumi/pulumi-terraform-bridge/v3/pkg/tfbridge"
	"github.com/pulumi/pulumi-terraform-bridge/v3/pkg/tfbridge/tokens"
	sdkv2 "github.com/pulumi/pulumi-terraform-bridge/v3/pkg/tfshim/sdk-v2"
)

const (
	name = "auth0"
	// version is that of the PyPI package pulumi-auth0 made from the Terraform provider pinned in go.mod.
	version = "3.53.0"
	// nameLength is what the PyPI package's generator allows for a name with its random suffix.
	nameLength = 255
)

func main() {
	schema := fmt.Sprintf(`{"name":%q,"version":%q}`, name, version)
	tfbridge.Main(name, version, plugin(), []byte(schema))
}

func plugin() tfbridge.ProviderInfo {
	info := tfbridge.ProviderInfo{
		P:                              sdkv2.NewProvider(provider.New()),
		Name:                           name,
		Version:                        version,
		GitHubOrg:                      name,
		MetadataInfo:                   tfbridge.NewProviderMetadata([]byte("{}")),
		EnableZeroDefaultSchemaVersion: true,
		EnableAccurateBridgePreview:    true,
		EnableRawStateDelta:            true,
		Config: map[string]*tfbridge.SchemaInfo{
			"debug": {Default: &tfbridge.DefaultInfo{EnvVars: []string{"AUTH0_DEBUG"}}},
		},
		Resources: map[string]*tfbridge.ResourceInfo{
			"auth0_client": managedByPulumi(),
			"auth0_role":   managedByPulumi(),
		},
	}
	info.MustComputeTokens(tokens.SingleModule("auth0_", "index", tokens.MakeStandard(name)))
	info.SetAutonaming(nameLength, "-")
	return info
}

// managedByPulumi gives the description that the PyPI package fills in, so that an empty one shows no difference.
func managedByPulumi() *tfbridge.ResourceInfo {
	return &tfbridge.ResourceInfo{Fields: map[string]*tfbridge.SchemaInfo{
		"description": {Default: &tfbridge.DefaultInfo{Value: "Managed by Pulumi"}},
	}}
}
