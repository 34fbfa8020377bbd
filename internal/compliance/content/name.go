package content

import (
	"regexp"
	"strings"
	"sync"
)

// Kind is one sort of data.
type Kind string

// Personal data, and secrets.
const (
	Email    Kind = "e-mail address"
	Phone    Kind = "phone number"
	Person   Kind = "person's name"
	Birth    Kind = "date of birth"
	Address  Kind = "postal address"
	Identity Kind = "number of an identity paper"
	Bank     Kind = "bank account"
	Card     Kind = "payment card"
	IP       Kind = "network address"
	Health   Kind = "health"
	Secret   Kind = "secret"
)

// camel finds where a word begins in camelCase. Read-only.
var camel = regexp.MustCompile(`([\p{Ll}\d])(\p{Lu})`)

// Words writes a name of the database in lower case, its words apart by "_".
func Words(name string) string {
	name = camel.ReplaceAllString(name, "${1}_${2}")
	return strings.ToLower(strings.Map(func(r rune) rune {
		if r == '-' || r == ' ' || r == '.' {
			return '_'
		}
		return r
	}, name))
}

// plainLetters are Latin letters without their marks: a name is written with them or
// not. Read-only.
var plainLetters = strings.NewReplacer("á", "a", "à", "a", "â", "a", "ã", "a", "å", "a", "ä", "ae", "é", "e", "è", "e", "ê", "e", "ë", "e", "í", "i", "ì", "i",
	"î", "i", "ï", "i", "ó", "o", "ò", "o", "ô", "o", "õ", "o", "ö", "oe", "ú", "u", "ù", "u", "û", "u", "ü", "ue", "ñ", "n", "ç", "c", "ß", "ss",
	"ł", "l", "ą", "a", "ę", "e", "ś", "s", "ć", "c", "ń", "n", "ż", "z", "ź", "z", "ğ", "g", "ş", "s", "ı", "i", "č", "c", "š", "s", "ž", "z", "ř", "r", "ý", "y", "ě", "e", "ů", "u", "ё", "е")

// forms are a name as it is written, and with plain letters.
func forms(words string) []string {
	if bare := plainLetters.Replace(words); bare != words {
		return []string{words, bare}
	}
	return []string{words}
}

// named is a kind and the words that mean it, between the ends of a name and
// "_". They are English, German, French, Spanish, Portuguese, Italian, Dutch,
// Polish, Turkish and Russian, with and without their accents.
type named struct {
	kind  Kind
	words func() *regexp.Regexp
}

// about makes the expression that finds words as whole words of a name.
func about(words string) func() *regexp.Regexp { return expression(`(^|_)(` + words + `)(_|\d*$)`) }

// expression is compiled when it is first asked for: a start would wait for it.
func expression(text string) func() *regexp.Regexp {
	return sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(text) })
}

// personal is read-only. A column that is only called "name" is not personal:
// products and companies have one, too.
var personal = []named{
	{Email, about(`e_?mails?|e_?mail_?(address|adresse|adres)|email\d?|mail_?(address|adresse)|courriel|correo(_electronico)?|poczta|eposta|e_posta|pochta|почта|почты|эл_почта|эл_адрес|электронный_адрес|имейл|емейл|е_?мейл|mailadresse|emailadresse|emailaddress`)}, //nolint:misspell // Dutch
	{Phone, about(`phones?|phone_?(no|nr|number)|phonenumber|telephone|telefono?|telefone|telefon|telefon_?nummer|telefonnummer|tel|tel_?nr|mobile|mobile_?(no|number|phone)|mobil|mobil_?nummer|handy|handy_?nummer|cell|cell_?phone|cellphone|portable|movil|celular|cellulare|gsm|komorka|telefoon|telefoonnummer|whatsapp|fax|телефона?|мобильный|мобильного|сотовый|tel_?no|numero_telefono`)},
	{Person, about(`first_?names?|last_?names?|full_?names?|sur_?names?|family_?names?|given_?names?|middle_?names?|maiden_?name|firstname|lastname|fullname|fname|lname|birth_?name|vorname|nachname|familienname|geburtsname|vor_?und_?nachname|prenoms?|prénoms?|nom_(de_)?famille|nom_complet|nombres?_completo|apellidos?|primer_apellido|primeiro_nome|sobrenome|nome_completo|cognome|voornaam|achternaam|imie|imię|nazwisko|soyad|soyadi|soyadı|familia|familiya|имя|фамилия|фамилии|отчество|отчества|otchestvo|fio|фио|patient_name|customer_name|employee_name|person_name|contact_name|guest_name`)},
	{Birth, about(`birth|birthday|birth_?date|birth_?day|date_?of_?birth|dob|birth_?year|geburtsdatum|geburtstag|geb_?datum|date_(de_)?naissance|naissance|fecha_(de_)?nacimiento|nacimiento|data_(de_)?nascimento|nascimento|data_(di_)?nascita|nascita|geboortedatum|data_urodzenia|urodzenia|dogum_tarihi|doğum_tarihi|data_rozhdeniya|дата_рождения|день_рождения|год_рождения`)},
	{IP, about(`ip|ip_?addr|ip_?address(es)?|client_?ip|remote_?(ip|addr|address)|last_?ip|ipv4|ipv6|mac_?addr(ess)?|device_?uuid|imei`)},
	{Address, about(`street|street_?(address|name|no|number)|home_?address|postal_?address|shipping_?address|billing_?address|mailing_?address|residential_?address|delivery_?address|address_?line_?\d?|address\d?|post_?code|postal_?code|zip|zip_?code|strasse|straße|strassenname|hausnummer|anschrift|wohnort|adresse|plz|postleitzahl|rue|code_postal|calle|direccion|dirección|codigo_postal|endereco|endereço|rua|cep|indirizzo|cap_postale|straat|huisnummer|postcode|adres|ulica|kod_pocztowy|adres_satiri|адреса?|улица|индекс|место_жительства|adres_dostavki|domicilio|direccion_postal|morada|lieferanschrift|privatanschrift|heimatanschrift`)}, //nolint:misspell // Dutch
	{Identity, about(`ssn|social_?security(_?(no|number))?|national_?id(_?number)?|tax_?id|tax_?number|passport|passport_?(no|nr|number|id)|driver_?s?_?licen[sc]e(_?number)?|licen[sc]e_?number|id_?card(_?number)?|identity_?(card|number)|personal_?(id|number)|sin_number|nino|steuer_?(id|nummer)|ausweis_?(nr|nummer)|personalausweis|sozialversicherungs_?nummer|reisepass_?nummer|nir|numero_securite_sociale|dni|nif|nie|cpf|codice_fiscale|bsn|burgerservicenummer|pesel|tc_?kimlik(_?no)?|snils|inn|снилс|инн|паспорта?|паспортные_данные|pasport|pasporta|curp|rfc|num_?dni|versicherten_?nummer|krankenversicherten_?nummer|rentenversicherungs_?nummer|steuernr|steuer_?identifikationsnummer`)},
	{Bank, about(`iban|bic|swift(_code)?|bank_?account(_?(no|number))?|account_?number|routing_?number|sort_?code|kontonummer|bankverbindung|kontoinhaber|numero_(de_)?compte|rib|cuenta_bancaria|rekeningnummer|numer_konta`)},
	{Card, about(`credit_?card(_?(no|number))?|card_?(no|number|holder)|cardnumber|pan|cvv|cvc|cvn|kreditkarte(nnummer)?|carte_(de_)?credit|tarjeta(_(de_)?credito)?`)},
	{Health, about(`diagnos(is|es|e|tic|tico)|medical_?(record|insurance|history|condition)s?|health_?(record|insurance|condition)s?|patient_?id|insurance_?number|blood_?type|allerg(y|ies|ien)|medications?|prescriptions?|disabilit(y|ies)|krankheit(en)?|krankenkasse|befund|диагноз|diagnose|blutgruppe|grupo_sanguineo|historia_clinica|enfermedad(es)?|maladies?|группа_крови|болезн[ьи]|facial_recognition|biometrics?|fingerprint|religion|ethnicity|sexual_orientation`)},
}

// technical are endings that make a name one about data of a kind, not the data
// itself. Read-only.
var technical = expression(`_(id|ids|type|kind|count|counts|total|rate|verified|confirmed|validated|at|on|sent|opened|clicked|bounced|status|state|enabled|required|allowed|opt_?(in|out)|notifications?|subscribed|template|templates|subject|format|hash|hashed|length|valid|visible|settings?|preferences?|provider|domain|version|label|policy|score|used|limit)$|^(is|has|can|should|allow|enable|num|count|total|max|min|n)_`)

// compound are kinds by the end of a word that another is written together with:
// "rechnungsadresse", "kundenemail". Read-only.
var compound = []named{
	{Email, expression(`[\p{L}]e_?mail(_?adress?e?)?$|[\p{L}]mailadresse$`)}, //nolint:misspell // German
	{Phone, expression(`[\p{L}](telefon|handy|mobil|fax)(_?(nummer|nr))?$|[\p{L}]phone_?(number|no)$`)},
	{Person, expression(`[\p{L}](vor|nach|familien|geburts)name$|[\p{L}](first|last|sur|full)name$`)},
	{Birth, expression(`[\p{L}]geburts(datum|tag)$|[\p{L}](birthday|birthdate)$`)},
	{Address, expression(`[\p{L}](anschrift|adresse)$`)},
	{Bank, expression(`[\p{L}](iban|kontonummer)$`)},
}

// elsewhere are such words for an address that is nobody's home. Read-only.
var elsewhere = regexp.MustCompile(`(web|internet|server|netz|speicher|basis|ziel|quell|url|http|link)_?s?adresse$`)

// Personal returns the kind of personal data that a column's name speaks of, "" for
// none.
func Personal(column string) Kind {
	for _, words := range forms(Words(column)) {
		if technical().MatchString(strings.ReplaceAll(words, "_id_number", "_number")) || elsewhere.MatchString(words) {
			continue
		}
		for _, list := range [][]named{personal, compound} {
			for _, n := range list {
				if n.words().MatchString(words) {
					return n.kind
				}
			}
		}
	}
	return ""
}

// secretWords are read-only. A word in the middle of a name counts unless its
// end says that the column is about the secret.
var secretWords = about(`secrets?|secret_?(key|access_key|token)|client_?secret|passwords?|passwd|passphrase|pwd|passcode|pin|pin_?code|api_?keys?|apikey|private_?keys?|access_?keys?|auth_?keys?|encryption_?keys?|signing_?keys?|session_?(token|key|secret)|tokens?|jwt|bearer|otp|totp|otp_?secret|mfa_?secret|two_?factor_?secret|2fa_?(secret|code)|(backup|recovery|verification|reset|auth|login|one_time|activation)_?codes?|credentials?|webhook_?secret|connection_?string|dsn|` +
	`passwort|kennwort|geheimnis|zugangsdaten|mot_de_passe|motdepasse|mdp|secret_partage|contrasena|contraseña|clave_(secreta|privada|api)|senha|chave_(secreta|privada|api)|password_utente|parola|wachtwoord|haslo|hasło|sifre|şifre|parol|пароль|ключ_api`)

var aboutSecret = expression(`_(id|ids|type|kind|count|counts|name|names|label|hint|at|on|until|expires|expiry|expires_at|ttl|lifetime|length|len|policy|strength|preview|prefix|suffix|last4|last_four|required|enabled|version|status|state|url|uri|used|limit|usage|budget|price|cost|per_\w+|algorithm|alg|attempts|changed|reset_at|sent|verified|scope|scopes|in|out|input|output|total|max|min)$|^(is|has|can|max|min|num|count|total|prompt|completion|input|output|n)_`)

// NamedSecret reports whether a column is made for a secret, or for a value
// made of one.
func NamedSecret(column string) bool {
	for _, words := range forms(Words(column)) {
		if secretWords().MatchString(words) && !aboutSecret().MatchString(words) && !strings.Contains(words, "tokens_") {
			return true
		}
	}
	return false
}

// ofAnother finds columns that carry along how somebody is called whose row
// stands elsewhere. Read-only.
var ofAnother = regexp.MustCompile(`^(patient|customer|employee|person|contact|guest|user|client|owner|author|sender|recipient)_`)

// Identifies reports whether a table with such a column has persons for rows:
// its name begins with how a person is reached, called or known.
func Identifies(column string) bool {
	for _, words := range forms(Words(column)) {
		if ofAnother.MatchString(words) {
			return false
		}
		for _, n := range personal[:4] { // e-mail, phone, name, birth
			if at := n.words().FindStringIndex(words); at != nil && at[0] == 0 && !technical().MatchString(words) && Personal(column) == n.kind {
				return true
			}
		}
	}
	return false
}

// OneIn says of how many values of a column one at least must hold a kind, so
// that the column counts as holding it: a kind that numbers and versions resemble by
// accident has to be frequent.
func OneIn(k Kind) int {
	switch k {
	case Card, Identity:
		return 2
	case IP:
		return 5
	case Phone:
		return 10
	case Email, Person, Birth, Address, Bank, Health, Secret:
	}
	return sampled
}

const sampled = 100
