package monitor_test

import (
	"net"
	"net/netip"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/maxmind/mmdbwriter"
	"github.com/maxmind/mmdbwriter/mmdbtype"

	"github.com/romashka/sidecar/internal/security/event"
	"github.com/romashka/sidecar/internal/security/monitor"
)

func TestGeoFile(t *testing.T) {
	t.Parallel()
	tree, err := mmdbwriter.New(mmdbwriter.Options{DatabaseType: "GeoLite2-City", IncludeReservedNetworks: true})
	if err != nil {
		t.Fatal(err)
	}
	for network, place := range map[string]mmdbtype.Map{
		"203.0.113.0/24": {
			"country":  mmdbtype.Map{"iso_code": mmdbtype.String("DE")},
			"location": mmdbtype.Map{"latitude": mmdbtype.Float64(52.5), "longitude": mmdbtype.Float64(13.4)},
		},
		"2001:db8::/32": {"country": mmdbtype.Map{"iso_code": mmdbtype.String("JP")}},
	} {
		_, n, err := net.ParseCIDR(network)
		if err != nil {
			t.Fatal(err)
		}
		if err := tree.Insert(n, place); err != nil {
			t.Fatal(err)
		}
	}
	name := filepath.Join(t.TempDir(), "geo.mmdb")
	f, err := os.Create(name)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := tree.WriteTo(f); err != nil {
		t.Fatal(err)
	}
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
	geo, err := monitor.OpenGeo(name)
	if err != nil {
		t.Fatal(err)
	}
	defer geo.Close()
	for address, want := range map[string]event.Place{
		"203.0.113.9":  {Country: "DE", Latitude: 52.5, Longitude: 13.4, Positioned: true},
		"2001:db8::1":  {Country: "JP"},
		"198.51.100.1": {},
	} {
		if got := geo.Locate(netip.MustParseAddr(address)); got != want {
			t.Errorf("%s is in %+v, want %+v", address, got, want)
		}
	}
	if _, err := monitor.OpenGeo(filepath.Join(t.TempDir(), "none.mmdb")); err == nil || !strings.Contains(err.Error(), "open the geo file") {
		t.Errorf("error %v", err)
	}
}
