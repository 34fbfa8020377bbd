package content

import (
	"encoding/base64"
	"encoding/json"
	"net/netip"
	"regexp"
	"slices"
	"strings"
)

// Expressions of values. Each is checked further where it can be. Read-only.
var (
	emailForm = regexp.MustCompile(`(?i)[a-z0-9][a-z0-9._%+'-]*@[a-z0-9](?:[a-z0-9-]*[a-z0-9])?(?:\.[a-z0-9-]+)*\.[a-z]{2,24}\b`)
	phoneForm = regexp.MustCompile(`(?:(?:^|[^\w+.])\+|(?:^|[^\d\s+.] ?)00)([1-9]\d{0,2})[ ./()-]*((?:\d[ ./()-]*){6,12}\d)(?:$|[^\w])`)
	digitRun  = regexp.MustCompile(`(?:^|[^\w.-])(\d(?:[ -]?\d){12,18})(?:$|[^\w-])`)
	ibanForm  = regexp.MustCompile(`\b([A-Z]{2}\d{2}(?: ?[A-Z0-9]{4}){2,7}(?: ?[A-Z0-9]{1,3})?)\b`)
	ipv4Form  = regexp.MustCompile(`(?:^|[^\w.])((?:\d{1,3}\.){3}\d{1,3})(?:$|[^\w.])`)
	ipv6Form  = expression(`(?i)(?:^|[^\w:])((?:[0-9a-f]{0,4}:){2,7}[0-9a-f]{0,4})(?:$|[^\w:])`)
	ssnForm   = regexp.MustCompile(`(?:^|[^\w-])(\d{3})-(\d{2})-(\d{4})(?:$|[^\w-])`)
)

// Personals lists the kinds of personal data that a value holds. Of JSON the
// names that values stand under count, too.
func Personals(value string) (kinds []Kind) {
	for _, t := range []struct {
		kind Kind
		held func(string) bool
	}{
		{Email, emailForm.MatchString}, {Phone, hasPhone}, {Card, hasCard}, {Bank, hasIBAN}, {IP, hasIP}, {Identity, hasSSN},
	} {
		if t.held(value) {
			kinds = append(kinds, t.kind)
		}
	}
	for _, l := range texts(value) {
		if kind := Personal(l.name); kind != "" && strings.TrimSpace(l.text) != "" && !slices.Contains(kinds, kind) {
			kinds = append(kinds, kind)
		}
	}
	return kinds
}

// texts are the texts of a value that is JSON, each with its name.
func texts(value string) []leaf {
	if value = strings.TrimSpace(value); !strings.HasPrefix(value, "{") && !strings.HasPrefix(value, "[") {
		return nil
	}
	list, _ := leaves(json.NewDecoder(strings.NewReader(value)), "", false)
	return list
}

// hasPhone reports whether value holds a phone number: a country's code, and as many
// digits as a number has.
// Source: ITU-T E.164, at most 15 digits.
func hasPhone(value string) bool {
	for _, m := range phoneForm.FindAllStringSubmatch(value, -1) {
		if n := len(Digits(m[1] + m[2])); n >= 8 && n <= 15 {
			return true
		}
	}
	return false
}

// Digits returns the digits 0 to 9 of a text alone.
func Digits(text string) string {
	return strings.Map(func(r rune) rune {
		if r < '0' || r > '9' {
			return -1
		}
		return r
	}, text)
}

// cardStarts are the first digits of card numbers in use. Read-only.
// Source: ISO/IEC 7812, issuer ranges of the card schemes.
var cardStarts = regexp.MustCompile(`^(4|5[1-5]|2[2-7]|3[0689]|3[47]|35|6011|64[4-9]|65|62|50|5[6-9]|6[0-9])`)

func hasCard(value string) bool {
	for _, m := range digitRun.FindAllStringSubmatch(value, -1) {
		if number := Digits(m[1]); cardStarts.MatchString(number) && luhn(number) {
			return true
		}
	}
	return false
}

// luhn reports whether the last digit is the check digit of a card number. A number
// of one digit alone is no card's. Source: ISO/IEC 7812-1, annex B.
func luhn(number string) bool {
	sum := 0
	for i := range len(number) {
		d := int(number[len(number)-1-i] - '0')
		if i%2 == 1 {
			if d *= 2; d > 9 {
				d -= 9
			}
		}
		sum += d
	}
	return sum%10 == 0 && strings.Trim(number, number[:1]) != ""
}

// ibanLengths are those of the countries. Read-only. Source: ISO 13616 registry.
var ibanLengths = map[string]int{
	"AD": 24, "AE": 23, "AL": 28, "AT": 20, "AZ": 28, "BA": 20, "BE": 16, "BG": 22, "BH": 22, "BR": 29, "BY": 28, "CH": 21, "CR": 22, "CY": 28,
	"CZ": 24, "DE": 22, "DK": 18, "DO": 28, "EE": 20, "EG": 29, "ES": 24, "FI": 18, "FO": 18, "FR": 27, "GB": 22, "GE": 22, "GI": 23, "GL": 18,
	"GR": 27, "GT": 28, "HR": 21, "HU": 28, "IE": 22, "IL": 23, "IQ": 23, "IS": 26, "IT": 27, "JO": 30, "KW": 30, "KZ": 20, "LB": 28, "LC": 32,
	"LI": 21, "LT": 20, "LU": 20, "LV": 21, "MC": 27, "MD": 24, "ME": 22, "MK": 19, "MR": 27, "MT": 31, "MU": 30, "NL": 18, "NO": 15, "PK": 24,
	"PL": 28, "PS": 29, "PT": 25, "QA": 29, "RO": 24, "RS": 22, "SA": 24, "SC": 31, "SE": 24, "SI": 19, "SK": 24, "SM": 27, "TL": 23, "TN": 24,
	"TR": 26, "UA": 29, "VA": 22, "VG": 24, "XK": 20,
}

func hasIBAN(value string) bool {
	for _, m := range ibanForm.FindAllStringSubmatch(value, -1) {
		number := strings.ReplaceAll(m[1], " ", "")
		if n := ibanLengths[number[:2]]; n > 0 && len(number) >= n && mod97(number[:n]) == 1 {
			return true
		}
	}
	return false
}

// mod97 is the check of an IBAN: the first four places come last, letters count
// from 10. Source: ISO 7064, MOD 97-10.
func mod97(number string) (rest int) {
	for _, r := range number[4:] + number[:4] {
		if r >= 'A' {
			rest = (rest*100 + int(r-'A') + 10) % 97
		} else {
			rest = (rest*10 + int(r-'0')) % 97
		}
	}
	return rest
}

// hasIP reports whether value holds somebody's address: not one of this machine, of
// none, of documentation, nor a version such as 1.2.3.4 beside a "v".
func hasIP(value string) bool {
	for _, form := range []*regexp.Regexp{ipv4Form, ipv6Form()} {
		for _, m := range form.FindAllStringSubmatch(value, -1) {
			if a, err := netip.ParseAddr(m[1]); err == nil && !a.IsLoopback() && !a.IsUnspecified() && !a.IsMulticast() {
				return true
			}
		}
	}
	return false
}

// hasSSN reports whether value holds a number that is given out. Source: US Social
// Security Administration: no area 000, 666 or 9xx, no group 00, no serial 0000.
func hasSSN(value string) bool {
	for _, m := range ssnForm.FindAllStringSubmatch(value, -1) {
		if m[1] != "000" && m[1] != "666" && m[1][0] != '9' && m[2] != "00" && m[3] != "0000" {
			return true
		}
	}
	return false
}

// secretForms are values that are secrets wherever they stand. Read-only.
var secretForms = expression(`eyJ[\w-]{8,}\.eyJ[\w-]{8,}\.[\w-]{8,}` + // JSON Web Token
	`|(?i:\bbearer\s+)[\w.~+/-]{8,}=*` +
	`|\b(?:sk|rk)_(?:live|test)_\w{8,}|\bsk-(?:proj-|ant-)?[\w-]{20,}` + // Stripe; model providers
	`|\bAKIA[0-9A-Z]{16}\b|\bAIza[\w-]{35}|\bgh[pousr]_\w{30,}|\bgithub_pat_\w{30,}|\bglpat-[\w-]{20,}|\bxox[abprs]-[\w-]{10,}|\bSG\.[\w-]{16,}\.[\w-]{16,}|\bsb_secret_\w{8,}` +
	`|-----BEGIN (?:[A-Z]+ )*PRIVATE KEY` +
	`|\b[a-z][a-z0-9+]*://[^/\s:@]+:[^/\s@]{3,}@` + // an address with a password
	`|(?i:[?&;](?:access_token|refresh_token|token|apikey|api_key|password|passwd|pwd|secret)=)[^&\s"]{4,}` +
	`|otpauth://\S+secret=`)

// HoldsSecret reports whether a value holds a secret that its form gives away.
func HoldsSecret(value string) bool { return secretForms().MatchString(value) }

// hashed are values that were made of a secret and do not give it back, and
// those that are encrypted or masked. Read-only.
var hashed = expression(`^(?:` +
	`\$2[abxy]?\$\d\d\$.{50,}` + // bcrypt
	`|\$(?:argon2(?:id|i|d)|scrypt|pbkdf2[\w-]*|5|6|7|y|gy|1|apr1)\$.+` + // crypt(3), PHC string format
	`|(?:pbkdf2|argon2|scrypt|bcrypt|sha256|sha512)[\w-]*[:$].{16,}` +
	`|\{(?:SSHA|SHA|CRYPT|ARGON2|PBKDF2)[\w-]*\}.+` +
	`|SCRAM-SHA-(?:1|256)\$.+` +
	`|(?:\\x)?(?:[0-9a-fA-F]{40}|[0-9a-fA-F]{56}|[0-9a-fA-F]{64}|[0-9a-fA-F]{96}|[0-9a-fA-F]{128})` + // SHA-1 to SHA-512
	`|(?:enc|encrypted|vault|kms|aes|aead|v\d+|gcm|secretbox|age)[:.][\w+/=:.-]{16,}|ENC\[.+\]|age1.+|AQICAH.+|gAAAAA.+|-----BEGIN (?:PGP MESSAGE|AGE ENCRYPTED FILE).+` +
	`|\\xc[0-9a-f].{32,}|ww0E.+|hQ[EI]M.+` + // OpenPGP packets, as bytes and in base64
	`|[^\w]*[*•xX·.]{3,}[^\w]*\w{0,8}|\w{0,12}[*•·.]{3,}\w{0,8}` + // masked
	`|(?i:redacted|masked|hidden|removed|null|none|n/a|changeme_in_vault)` +
	`)$`)

// Plain reports whether the value of a column that is made for secrets is one
// as it was given out: neither a hash nor encrypted nor masked.
func Plain(value string) bool {
	value = strings.TrimSpace(value)
	if len(value) < 4 || hashed().MatchString(strings.ReplaceAll(value, "\n", " ")) || hash64(value) {
		return false
	}
	if value[0] == '{' || value[0] == '[' || value[0] == '"' {
		if list, whole := leaves(json.NewDecoder(strings.NewReader(value)), "", true); whole || len(list) > 0 {
			return slices.ContainsFunc(list, func(l leaf) bool { return l.secret && PlainUnder(l.name, l.text) })
		}
	}
	return !slices.Contains([]string{"true", "false"}, value)
}

// hash64 reports whether a value is a SHA-256 or SHA-512 in base64.
func hash64(value string) bool {
	raw, err := base64.StdEncoding.DecodeString(value)
	if err != nil {
		raw, err = base64.RawURLEncoding.DecodeString(value)
	}
	return err == nil && (len(raw) == 32 || len(raw) == 64)
}

// digestName finds names that say that a value is a hash. Read-only.
var digestName = regexp.MustCompile(`(^|_)(hash|hashed|hashes|digest|sha\d*|fingerprint|checksum)$`)

// digestForm is hexadecimal or base64, as shortened and salted hashes are. Read-only.
var digestForm = regexp.MustCompile(`^(?:[0-9a-f]{12,}|[0-9A-F]{12,}|[\w+/-]{16,}={0,2})$`)

// PlainUnder reports whether a value under a name is [Plain]: a name that says hash
// may hold a hash of any form, and a secret only where it does not look like one.
func PlainUnder(name, value string) bool {
	return Plain(value) && !(digestName.MatchString(Words(name)) && digestForm.MatchString(value))
}

// leaf is a text in a JSON value, the name it stands under, and whether that is
// one for secrets.
type leaf struct {
	name, text string
	secret     bool
}

// encrypted are keys that stand beside a ciphertext. Read-only.
var encrypted = regexp.MustCompile(`^(ciphertext|cipher|iv|nonce|tag|encrypted|encrypted_data|kid|alg)$`)

// leaves reads the texts of a JSON value, as far as it goes: a sample may break off in
// the middle. secret is the judgement of those that stand under no name.
func leaves(d *json.Decoder, name string, secret bool) (list []leaf, whole bool) {
	token, err := d.Token()
	if err != nil {
		return nil, false
	}
	switch v := token.(type) {
	case string:
		return []leaf{{name, v, secret}}, true
	case json.Delim:
		if v == '[' {
			list, whole = elements(d, name, secret)
		} else {
			list, whole = members(d)
		}
		if whole {
			_, err = d.Token() // the end of it
		}
		return list, whole && err == nil
	}
	return nil, true
}

func elements(d *json.Decoder, name string, secret bool) (list []leaf, whole bool) {
	for d.More() {
		more, whole := leaves(d, name, secret)
		if list = append(list, more...); !whole {
			return list, false
		}
	}
	return list, true
}

// members are the texts of an object, none where it holds a ciphertext.
func members(d *json.Decoder) (list []leaf, whole bool) {
	sealed := false
	for whole = true; whole && d.More(); {
		token, err := d.Token()
		key, _ := token.(string)
		if err != nil {
			whole = false
			break
		}
		sealed = sealed || encrypted.MatchString(Words(key))
		var more []leaf
		more, whole = leaves(d, key, NamedSecret(key))
		list = append(list, more...)
	}
	if sealed {
		return nil, whole
	}
	return list, whole
}

// HoldsNamedSecret reports whether a JSON text has a plain secret under a name
// for secrets.
func HoldsNamedSecret(value string) bool {
	return slices.ContainsFunc(texts(value), func(l leaf) bool { return l.secret && PlainUnder(l.name, l.text) })
}
