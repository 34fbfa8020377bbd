package content_test

import (
	"slices"
	"testing"

	"github.com/romashka/sidecar/internal/compliance/content"
)

func TestPersonal(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]content.Kind{
		"email": content.Email, "userEmail": content.Email, "e-mail": content.Email, "customer_email": content.Email, "courriel": content.Email,
		"phone_number": content.Phone, "telefonnummer": content.Phone, "mobile": content.Phone, "телефон": content.Phone,
		"first_name": content.Person, "lastName": content.Person, "vorname": content.Person, "apellidos": content.Person, "nazwisko": content.Person,
		"date_of_birth": content.Birth, "geburtsdatum": content.Birth, "date_naissance": content.Birth,
		"street": content.Address, "plz": content.Address, "codigo_postal": content.Address,
		"ssn": content.Identity, "passport_number": content.Identity, "codice_fiscale": content.Identity,
		"iban": content.Bank, "credit_card_number": content.Card, "ip_address": content.IP, "diagnosis": content.Health,
		"teléfono": content.Phone, "номер_телефона": content.Phone, "rechnungsadresse": content.Address, "Kundenemail": content.Email, "fechaNacimiento": content.Birth,
		"Geburtsname": content.Person, "электронная_почта": content.Email, "otchestvo": content.Person, "Versichertennummer": content.Identity, "webadresse": "",
		// These speak of something else, or only about it.
		"name": "", "product_name": "", "title": "", "body": "", "email_verified": "", "email_sent_at": "", "phone_confirmed_at": "", "has_email": "",
		"description": "", "status": "", "user_id": "", "zip_file": content.Address, "recipe": "", "tip": "", "shipping_status": "", "calle_id": "",
	} {
		if got := content.Personal(name); got != want {
			t.Errorf("%s: %q, want %q", name, got, want)
		}
	}
}

func TestIdentifies(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]bool{"email": true, "vorname": true, "phone": true, "user_email": false, "customer_name": false, "iban": false, "name": false, "email_template": false} {
		if got := content.Identifies(name); got != want {
			t.Errorf("%s: %t", name, got)
		}
	}
}

func TestPersonals(t *testing.T) {
	t.Parallel()
	for value, want := range map[string][]content.Kind{
		"write to ada.moore@example.co.uk, please": {content.Email},
		"+49 (0)30 123456-78":                      {content.Phone},
		"call 0033 1 42 68 53 00":                  {content.Phone},
		"030 1234567":                              nil, // no country
		"4111 1111 1111 1111":                      {content.Card},
		"4111 1111 1111 1112":                      nil, // Luhn
		"order 378282246310005 paid":               {content.Card},
		"0000000000000000":                         nil,
		"DE89 3704 0044 0532 0130 00":              {content.Bank},
		"GB82WEST12345698765432":                   {content.Bank},
		"DE88 3704 0044 0532 0130 00":              nil, // mod 97
		"from 203.0.113.7":                         {content.IP},
		"2001:db8::1":                              {content.IP},
		"127.0.0.1":                                nil,
		"999.1.1.1":                                nil,
		"at 12:30:45 on Monday":                    nil,
		"123-45-6789":                              {content.Identity},
		"000-45-6789":                              nil,
		"2026-11-29T12:00:00Z":                     nil,
		"5eed0001-0000-4000-8000-000000000001":     nil,
		"a plain note":                             nil,
		`{"Vorname": "Eva", "farbe": "rot"}`:       {content.Person},
		`[{"a": {"birth_date": "1980-01-02"}}, `:   {content.Birth}, // broken off
		`{"email": true, "phone": null}`:           nil,
	} {
		if got := content.Personals(value); !slices.Equal(got, want) {
			t.Errorf("%q: %v, want %v", value, got, want)
		}
	}
}

func TestPlain(t *testing.T) {
	t.Parallel()
	for value, want := range map[string]bool{
		"hunter22": true, "JBSWY3DPEHPK3PXP": true, "session_5eed0001-0000-4000-8000-000000000001": true, `["12345678","87654321"]`: true,
		`{"api_key": "abcd1234"}`: true, "{11112222,33334444}": true,
		"$2b$12$abcdefghijklmnopqrstuvabcdefghijklmnopqrstuvabcdefghijk":              false,
		"$argon2id$v=19$m=65536,t=3,p=4$c29tZXNhbHQ$RdescudvJCsgt3ub+b4dWRWJTmaaJObG": false,
		"e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855":            false,
		`\xe3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855`:          false,
		"47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=":                                false,
		"****1234": false, "sk_...abcd": false, "": false, "{}": false, "[]": false, "true": false, "enc:v1:AAAAAAAAAAAAAAAAAAAAAA==": false,
		`{"ciphertext": "AAAA", "iv": "BBBB"}`: false, `["e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"]`: false,
	} {
		if got := content.Plain(value); got != want {
			t.Errorf("%q: %t", value, got)
		}
	}
}

func TestSecrets(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]bool{
		"secret": true, "session_token": true, "backup_codes": true, "apiKey": true, "passwort": true, "mot_de_passe": true, "credentials": true, "password_hash": true,
		"token_type": false, "tokens_used": false, "prompt_tokens": false, "password_changed_at": false, "key": false, "key_preview": false, "secret_name": false,
		"setting_key": false, "code": false, "pinned": false, "status": false, "webhook_url": false,
	} {
		if got := content.NamedSecret(name); got != want {
			t.Errorf("%s: %t", name, got)
		}
	}
	for value, want := range map[string]bool{
		`{"authorization": "Bearer abc.def.ghi"}`: true, "AKIAIOSFODNN7EXAMPLE": true, "postgres://a:hunter22@host/db": true, "/x?access_token=abcdef": true,
		"-----BEGIN PRIVATE KEY-----": true, "sk_live_4eC39HqLyjWDarjtT1zdp7dc": true,
		"/rest/v1/conversations?select=id": false, "the bearer of news": false, "https://example.com:8080/": false, "token": false,
	} {
		if got := content.HoldsSecret(value); got != want {
			t.Errorf("%q: %t", value, got)
		}
	}
	for value, want := range map[string]bool{
		`{"user": {"password": "hunter22"}}`: true, `[{"token": "abcdefgh"}]`: true, `{"a": 1, "password": "hunter22", "b": "brok`: true,
		`{"token_hash": "9f86d081884c7d65"}`: false, `{"password": null}`: false, `{"note": "hunter22"}`: false, "password: hunter22": false,
	} {
		if got := content.HoldsNamedSecret(value); got != want {
			t.Errorf("%q: %t", value, got)
		}
	}
}
