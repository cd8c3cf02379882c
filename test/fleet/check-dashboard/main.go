// Reads a dashboard with the types of Grafana's foundation SDK, and names each field that Grafana does not know and
// each value that it does not take: `check-dashboard FILE`.
package main

import (
	"encoding/json"
	"fmt"
	"os"

	"github.com/grafana/grafana-foundation-sdk/go/cog/plugins"
	"github.com/grafana/grafana-foundation-sdk/go/dashboard"
)

func main() {
	text, err := os.ReadFile(os.Args[1])
	require(err)
	// So that panels and queries are read by their own types, too.
	plugins.RegisterDefaultPlugins()
	var found dashboard.Dashboard
	require(found.UnmarshalJSONStrict(text))
	require(found.Validate())

	// The SDK reads these without looking for unknown fields.
	var raw struct {
		Panels []struct{ FieldConfig json.RawMessage }
	}
	require(json.Unmarshal(text, &raw))
	for _, panel := range raw.Panels {
		var config dashboard.FieldConfigSource
		require(config.UnmarshalJSONStrict(panel.FieldConfig))
	}
	fmt.Printf("%d panels\n", len(found.Panels))
}

// The SDK returns an empty list of errors where there are none.
func require(err error) {
	if err == nil || err.Error() == "" {
		return
	}
	fmt.Fprintln(os.Stderr, err)
	os.Exit(1)
}
