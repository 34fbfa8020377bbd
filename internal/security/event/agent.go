package event

import (
	"cmp"
	"strings"

	"github.com/mileusna/useragent"
)

// Agent is a user agent without its versions: they rise, the device
// stays.
type Agent struct {
	Family string // browser, app or script
	System string // operating system; "" if not stated
	Device string // in words: phone, tablet, desktop, script
	Tool   string // a scanner that names itself; "" = none
}

// ParseAgent reads a user agent. One that says nothing gives the zero Agent.
func ParseAgent(text string) Agent {
	if text = strings.TrimSpace(text); text == "" {
		return Agent{}
	}
	u := useragent.Parse(text)
	a := Agent{Family: cmp.Or(u.Name, firstProduct(text)), System: cmp.Or(u.OS, systemOf(text)), Tool: ToolOf(text)}
	switch {
	case u.Tablet:
		a.Device = "tablet"
	case u.Mobile, a.System == "iOS", a.System == "Android":
		a.Device = "phone"
	case a.System != "":
		a.Device = "desktop"
	default:
		a.Device = "script"
	}
	return a
}

// firstProduct is the name before the first slash or space.
func firstProduct(text string) string {
	if i := strings.IndexAny(text, "/ "); i > 0 {
		return text[:i]
	}
	return text
}

// systems are the words in which apps name their system, where the parser looks
// only at browsers. The first that occurs wins. Read-only.
var systems = []struct{ word, system string }{
	{"iphone", "iOS"}, {"ipad", "iOS"}, {"ipados", "iOS"}, {"ios", "iOS"}, {"android", "Android"}, {"windows", "Windows"},
	{"mac os", "macOS"}, {"macos", "macOS"}, {"darwin", "macOS"}, {"cros", "ChromeOS"}, {"linux", "Linux"},
}

func systemOf(text string) string {
	text = strings.ToLower(text)
	for _, s := range systems {
		if i := strings.Index(text, s.word); i >= 0 && atWord(text, i) {
			return s.system
		}
	}
	return ""
}

// atWord reports whether text has no letter before i.
func atWord(text string, i int) bool { return i == 0 || text[i-1] < 'a' || text[i-1] > 'z' }

// tools are words by which scanners name themselves, in lower case. A name that
// honest clients share (httpx, curl, python-requests) is not among them. Read-only.
// Source: OWASP Core Rule Set 4, scanners-user-agents.data, and the tools' own
// default headers.
var tools = []string{
	"acunetix", "appscan", "arachni", "arjun", "bsqlbf", "burpcollaborator", "burp suite", "cgichk", "commix", "crlfuzz", "dalfox", "dirb/", "dirbuster",
	"dirsearch", "domino hunter", "feroxbuster", "ffuf", "fimap", "fuzz faster u fool", "gobuster", "gospider", "grabber", "grendel-scan", "havij",
	"hydra", "inspath", "internetmeasurement", "jaeles", "jorgee", "joomscan", "kiterunner", "l9explore", "l9tcpid", "masscan", "metasploit", "morfeus", "n-stealth",
	"nessus", "netsparker", "nikto", "nmap", "nuclei", "openvas", "owasp zap", "paros/", "pmafind", "projectdiscovery", "prettybrokenweb", "qualys", "skipfish",
	"sqlmap", "sqlninja", "sqlpowerinjector", "tplmap", "uil2pn", "vega/", "w3af", "wapiti", "webinspect", "webshag", "wfuzz", "whatweb", "whcc/", "wpscan",
	"wprecon", "xsstrike", "xsser", "zaproxy", "zgrab", "zmeu",
}

// fold has letters that differ in case alone at one place.
const fold = 0x1f

// toolsBy are the tools by their first letter, folded, and toolPairs has a bit for the first
// two of each: nearly no place of a browser's user agent begins one. Read-only.
var toolsBy, toolPairs = func() (by [fold + 1][]string, pairs [fold + 1]uint32) {
	for _, t := range tools {
		by[t[0]&fold] = append(by[t[0]&fold], t)
		pairs[t[0]&fold] |= 1 << (t[1] & fold)
	}
	return by, pairs
}()

// ToolOf is the scanner that a user agent names, the one that it names first;
// "" for none.
func ToolOf(text string) string {
	for i := range len(text) - 1 {
		if toolPairs[text[i]&fold]>>(text[i+1]&fold)&1 == 0 {
			continue
		}
		for _, t := range toolsBy[text[i]&fold] {
			if len(text)-i >= len(t) && strings.EqualFold(text[i:i+len(t)], t) {
				return strings.TrimSuffix(t, "/")
			}
		}
	}
	return ""
}
