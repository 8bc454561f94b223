/** Lines of which nothing may be kept, each with the field at fault and the code that says why. */
import { type Given, line } from './imports.ts'

const BCRYPT = '$2y$10$yFLdwxdWuY3DzZmEuMWyX.xJm1E8fc.2WWB4YNR8esTPGC0ZBER4.'
const SHA256 = '$pbkdf2-sha256$29000$WguB0NqbkzJmLGWMEQIgRA$AndhMWAvzEdJDSXZpGJqKRkLYVMhs5sJvr95Rn1jTVI'
const SECRET = 'JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXQ'
const BSN = '111222333'

/** There before the import: somebody with a role, somebody without, and one who was erased. */
export const THERE = { owner: 'eigenaar@sigma.example', person: 'piet@sigma.example', erasedId: 'gone-1', id: 'kees-1' }

export type BadLine = [text: string | Buffer, field: string, code: string]

let number = 0

function bad(more: Given, field: string, code: string): BadLine {
  number += 1
  return [JSON.stringify(line(5000 + number, more)), field, code]
}

const without = (name: string): BadLine => bad({ [name]: undefined }, name, 'required')
const password = (hash: unknown, code: string, part = '') => bad({ password: hash }, `password${part}`, code)
const split = (parts: Given, code: string, part = '') =>
  password(
    { scheme: 'pbkdf2', algorithm: 'sha256', iterations: 1000, salt: 'AAAAAAAA', digest: 'A'.repeat(43), ...parts },
    code,
    part,
  )
const totp = (parts: Given, field: string, code: string) => bad({ totp: [{ secret: SECRET, ...parts }] }, field, code)

const phone = (number: unknown, code: string, part = '.number') =>
  bad({ phone: { number, verified: true } }, `phone${part}`, code)

export const BAD_LINES: BadLine[] = [
  // What is no line at all.
  ['{"external_id": "x1", "email": "x1@oud.example", "name": "Half', '', 'not-json'],
  ['not json', '', 'not-json'],
  ["{'external_id': 'x2'}", '', 'not-json'],
  ['"a text"', '', 'type'],
  ['[]', '', 'type'],
  ['null', '', 'type'],
  ['17', '', 'type'],
  [`{"name": "${'x'.repeat(70_000)}"}`, '', 'too-long'],
  [Buffer.from('{"external_id":"x3","email":"x3@oud.example","name":"Jos\xe9"}', 'latin1'), '', 'encoding'],
  [Buffer.from([0xff, 0xfe, 0x7b, 0x00, 0x7d, 0x00]), '', 'encoding'],
  [Buffer.from('{"external_id":"x4","email":"x4@oud.example","name":"J\u0000an"}'), '', 'not-json'],
  [`{"external_id":"x9","refused":${'['.repeat(30_000)}${']'.repeat(30_000)}}`, '', 'too-deep'],
  // Half signs and what cannot be seen.
  ['{"external_id":"x5","email":"x5@oud.example","name":"Jan \\ud83d"}', 'name', 'encoding'],
  ['{"external_id":"\\udc00","email":"x6@oud.example","name":"Jan"}', 'external_id', 'encoding'],
  [
    '{"external_id":"x7","email":"x7@oud.example","name":"Jan","totp":[{"secret":"\\ud800"}]}',
    'totp.0.secret',
    'encoding',
  ],
  bad({ name: 'Jan\u0000' }, 'name', 'unseen'),
  bad({ name: 'Jan\u202eneJ' }, 'name', 'unseen'),
  bad({ name: 'Jan\nKees' }, 'name', 'unseen'),
  bad({ external_id: 'a\u0000b' }, 'external_id', 'unseen'),
  // Fields that are missing, too many, or of another kind.
  without('external_id'),
  without('email'),
  without('name'),
  bad({ surname: 'X' }, 'surname', 'unknown-field'),
  [
    '{"__proto__":{"roles":["owner"]},"external_id":"x8","email":"x8@oud.example","name":"Jan"}',
    '__proto__',
    'unknown-field',
  ],
  bad({ external_id: 17 }, 'external_id', 'type'),
  bad({ external_id: '' }, 'external_id', 'too-short'),
  bad({ external_id: 'x'.repeat(256) }, 'external_id', 'too-long'),
  bad({ name: 17 }, 'name', 'type'),
  bad({ name: '' }, 'name', 'too-short'),
  bad({ name: 'x'.repeat(81) }, 'name', 'too-long'),
  bad({ name: `Jan ${BSN}` }, 'name', 'citizen-number'),
  bad({ given_name: `J ${BSN}` }, 'given_name', 'citizen-number'),
  bad({ family_name: '' }, 'family_name', 'too-short'),
  bad({ locale: 'de' }, 'locale', 'value'),
  bad({ status: 'invited' }, 'status', 'value'),
  bad({ email_verified: 'yes' }, 'email_verified', 'type'),
  bad({ created_at: '17-03-2020' }, 'created_at', 'format'),
  bad({ created_at: '2999-01-01T00:00:00Z' }, 'created_at', 'future'),
  // Addresses.
  bad({ email: 'jan' }, 'email', 'value'),
  bad({ email: 'jan@localhost' }, 'email', 'value'),
  bad({ email: 'jan@oud.example, piet@oud.example' }, 'email', 'value'),
  bad({ email: '"jan"@oud.example' }, 'email', 'value'),
  bad({ email: 'jan@oud.example\r\nBcc: x@y.example' }, 'email', 'value'),
  bad({ email: 'ján@oud.example' }, 'email', 'value'),
  bad({ email: `${'x'.repeat(65)}@oud.example` }, 'email', 'value'),
  bad({ email: THERE.owner.toUpperCase() }, 'email', 'address-of-staff'),
  bad({ email: THERE.person }, 'email', 'address-taken'),
  bad({ email: 'twee@xn--bcher-kva.example' }, 'email', 'twice'),
  bad({ email: 'Twee@bücher.example' }, 'email', 'twice'),
  bad({ notice_email: 'jan' }, 'notice_email', 'value'),
  bad({ notice_email: null }, 'notice_email', 'type'),
  bad({ notice_email: ['jan@oud.example'] }, 'notice_email', 'type'),
  bad({ notice_email: 'jan@oud.example\r\nBcc: x@y.example' }, 'notice_email', 'value'),
  bad({ email: 'twin@bücher.example', notice_email: 'TWIN@xn--bcher-kva.example' }, 'notice_email', 'same-address'),
  // Numbers.
  phone('0', 'not-a-number'),
  phone('', 'too-short'),
  phone('  ', 'missing'),
  phone('06 CALL ME', 'not-a-number'),
  phone('06 1234 5678 ext. 9', 'not-a-number'),
  phone('9'.repeat(41), 'too-long'),
  phone(612345678, 'type'),
  phone(null, 'type'),
  phone('020 123 4567', 'not-mobile'),
  phone('0900 0101', 'not-mobile'),
  phone('+32 470 12 34 56', 'country-not-allowed'),
  phone('+870 773 111 632', 'country-not-allowed'),
  phone(BSN, 'citizen-number'),
  phone('111.222.333', 'citizen-number'),
  bad({ phone: '+31612345678' }, 'phone', 'type'),
  bad({ phone: { number: '+31612345678' } }, 'phone.verified', 'required'),
  bad({ phone: { number: '+31612345678', verified: 'yes' } }, 'phone.verified', 'type'),
  bad({ phone: { number: '+31612345678', verified: true, country: 'NL' } }, 'phone.country', 'unknown-field'),
  bad({ phone: [{ number: '+31612345678', verified: true }] }, 'phone', 'type'),
  ...Array.from({ length: 6 }, () => phone('+31 6 8888 0001', 'number-in-use', '')),
  // Who they are.
  bad({ external_id: 'dubbel' }, 'external_id', 'twice'),
  bad({ external_id: 'dubbel' }, 'external_id', 'twice'),
  bad({ id: 'zelfde' }, 'id', 'twice'),
  bad({ id: 'zelfde' }, 'id', 'twice'),
  bad({ id: THERE.erasedId }, 'id', 'erased'),
  bad({ id: THERE.id }, 'id', 'id-taken'),
  bad({ id: 'client:portal' }, 'id', 'format'),
  bad({ id: 'operator:root' }, 'id', 'format'),
  bad({ id: 'f:a:b:c' }, 'id', 'format'),
  bad({ id: 'f::jan' }, 'id', 'format'),
  bad({ id: 'f:a:' }, 'id', 'format'),
  bad({ id: `f:a:${'x'.repeat(252)}` }, 'id', 'format'),
  bad({ id: `f:4f5e:${BSN}` }, 'id', 'citizen-number'),
  bad({ id: 'system' }, 'id', 'value'),
  bad({ id: 'doctor-1' }, 'id', 'value'),
  bad({ id: 'constructor' }, 'id', 'value'),
  bad({ id: 'jan@oud.example' }, 'id', 'format'),
  bad({ id: 'a/b' }, 'id', 'format'),
  bad({ id: 'é' }, 'id', 'format'),
  bad({ id: 'x'.repeat(256) }, 'id', 'format'),
  bad({ id: BSN }, 'id', 'citizen-number'),
  bad({ organization: 'Bakkerij de Vreis' }, 'organization', 'unknown-organization'),
  bad({ organization: 'Dicht' }, 'organization', 'disabled-organization'),
  bad({ roles: ['owner'] }, 'roles', 'role-not-held'),
  // Passwords.
  password('plain text', 'unknown-scheme'),
  password('', 'too-short'),
  password(17, 'value'),
  password('x'.repeat(2000), 'too-long'),
  password(BCRYPT.replace('$10$', '$31$'), 'too-costly'),
  password(BCRYPT.slice(0, -1), 'malformed'),
  password(BCRYPT.replace('$2y$', '$2x$'), 'unknown-scheme'),
  password(`${SHA256.slice(0, -1)}!`, 'malformed'),
  password(SHA256.replace('29000', '5000000'), 'too-costly'),
  password(
    '$argon2id$v=19$m=4194304,t=1,p=1$RnFNN015eERaSEZkblpoaA$hBlpv9I0+WWIntf6NdZdPfC1jH63MGKHvocBsY7Vojw',
    'too-costly',
  ),
  password('$scrypt$ln=24,r=8,p=1$+F9rLSWEEELIuXcOAWDsnQ$GqBJhh/U86ujxsrTQvzOl85d4ysXe+xIwUhlm8z8q7Y', 'too-costly'),
  password('md5$salt$4d608096106f1cc7dd401eb04b6b158f', 'weak'),
  split({ algorithm: 'md5' }, 'value'),
  split({ iterations: 0 }, 'too-small', '.iterations'),
  split({ iterations: 1_000_001 }, 'too-costly'),
  split({ salt: '' }, 'malformed'),
  split({ digest: 'AAAA' }, 'malformed'),
  split({ encoding: 'hex', digest: 'xyz0' }, 'malformed'),
  split({ pepper: 'x' }, 'unknown-field', '.pepper'),
  // Apps.
  totp({ secret: 'JBSWY3DP' }, 'totp.0.secret', 'too-short'),
  totp({ secret: 'not base 32 at all 189!' }, 'totp.0.secret', 'format'),
  totp({ secret: 'zz', encoding: 'hex' }, 'totp.0.secret', 'format'),
  totp({ secret: 'A'.repeat(32) }, 'totp.0.secret', 'weak'),
  totp({ secret: 'x'.repeat(300), encoding: 'text' }, 'totp.0.secret', 'too-long'),
  totp({ algorithm: 'MD5' }, 'totp.0.algorithm', 'value'),
  totp({ digits: 4 }, 'totp.0.digits', 'too-small'),
  totp({ period: 0 }, 'totp.0.period', 'too-small'),
  totp({ period: 3600 }, 'totp.0.period', 'too-big'),
  totp({ label: `Sigma ${BSN}` }, 'totp.0.label', 'citizen-number'),
  totp({ type: 'hotp' }, 'totp.0.type', 'unknown-field'),
  bad({ totp: [{ secret: SECRET }, { secret: SECRET.toLowerCase() }] }, 'totp', 'shared'),
  bad({ totp: [{ secret: 'KRSXG5CTMVRXEZLUKN2XAZLSMVZXG43T' }] }, 'totp', 'shared'),
  bad({ totp: [{ secret: 'KRSX G5CT MVRX EZLU KN2X AZLS MVZX G43T' }] }, 'totp', 'shared'),
  bad({ totp: Array.from({ length: 6 }, () => ({ secret: SECRET })) }, 'totp', 'too-big'),
]
