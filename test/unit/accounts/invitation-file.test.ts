/** People from a spreadsheet: whatever it was saved as, by whom, and whatever is wrong with it. */
import { describe, expect, test } from 'vitest'
import { type FileRead, readPeople } from '../../../src/accounts/invitation-file.ts'

const read = (text: string | Buffer, assumed: object = {}) =>
  readPeople(Buffer.from(text as string), { locale: 'nl', ...assumed })
const latin = (text: string) => Buffer.from(text, 'latin1')

function people(found: FileRead) {
  if (!found.ok) throw new Error(`${found.reason} ${found.columns}`)
  return found.file.lines.map(({ line, person, faults }) => ({ line, ...person, faults }))
}

function faultOf(found: FileRead) {
  return found.ok
    ? found.file.lines.flatMap(({ line, faults }) => faults.map((fault) => [line, fault.field, fault.code]))
    : found.reason
}

const ZOE = { email: 'zoe@x.nl', name: 'Zoë de Vries' }

describe('the same table', () => {
  test.each<[string, string | Buffer]>([
    ['with semicolons', 'E-mail;Naam\nzoe@x.nl;Zoë de Vries\n'],
    ['with commas and Windows line ends', 'E-mail,Naam\r\nzoe@x.nl,Zoë de Vries\r\n'],
    ['with tabs, and no end to the last line', 'E-mail\tNaam\nzoe@x.nl\tZoë de Vries'],
    ['with a mark of UTF-8', '\ufeffE-mail;Naam\nzoe@x.nl;Zoë de Vries\n'],
    ['in Windows-1252, as older Excel saves it', latin('E-mail;Naam\r\nzoe@x.nl;Zoë de Vries\r\n')],
    [
      'in UTF-16, as Excel’s «Unicode text»',
      Buffer.concat([Buffer.from([0xff, 0xfe]), Buffer.from('E-mail\tNaam\r\nzoe@x.nl\tZoë de Vries', 'utf16le')]),
    ],
    ['with the line that tells Excel of the separator', 'sep=,\r\nE-mail,Naam\r\nzoe@x.nl,Zoë de Vries\r\n'],
    [
      'with quotes, spaces, capitals and empty lines',
      '"E-MAIL" ; "Naam"\n\n;;\n "zoe@x.nl" ; Zoë  de Vries \n'
        .replaceAll(' ;', ';')
        .replaceAll('; ', ';')
        .replace(' "zoe', '"zoe'),
    ],
    ['with an address for work', 'Zakelijk e-mailadres;Naam\nzoe@x.nl;Zoë de Vries\n'],
    ['with a heading in English', 'Email address,Full name\nzoe@x.nl,Zoë de Vries\n'],
    ['by other columns, in another order', 'Afdeling;Naam;Telefoon;E-mailadres\nIT;Zoë de Vries;0612345678;zoe@x.nl\n'],
    ['with the name in three columns', 'Roepnaam;Tussenvoegsel;Achternaam;E-mail\nZoë;de;Vries;zoe@x.nl\n'],
    ['with an apostrophe that guards a formula', "E-mail;Naam;Rol\nzoe@x.nl;Zoë de Vries;'=1+1\n"],
  ])('%s', (_how, text) => expect(people(read(text))).toMatchObject([ZOE]))
})

test('a name has all its parts, and initials are no given name', () => {
  const [given, initials, whole] = people(
    read(
      'voorletters;roepnaam;voorvoegsel;achternaam;email\nA.B.;Anne;van der;Berg;a@x.nl\nC.;;;Dam;c@x.nl\nE.;Eva;;Ek;e@x.nl\n',
    ),
  )
  expect(given).toMatchObject({ name: 'Anne van der Berg', givenName: 'Anne', familyName: 'van der Berg' })
  expect(initials).toMatchObject({ name: 'C. Dam', givenName: undefined, familyName: 'Dam' })
  expect(whole).toMatchObject({ name: 'Eva Ek', familyName: 'Ek' })
})

test('a line says its language and organization, or what is assumed of all goes for it', () => {
  const text =
    'email;naam;taal;werkgever;werkgevernummer\na@x.nl;A;Engels;Bakkerij;4711\nb@x.nl;B;NL;;\nc@x.nl;C;;;12\nd@x.nl;D;en-GB;;\n'
  expect(
    people(read(text, { locale: 'en', organization: 'Slagerij' })).map(({ locale, organizations }) => [
      locale,
      ...organizations,
    ]),
  ).toEqual([
    ['en', '4711', 'Bakkerij'],
    ['nl', 'Slagerij'],
    ['en', '12'],
    ['en', 'Slagerij'],
  ])
})

test('what is not used is told', () => {
  const found = read('email;naam;Personeelsnummer;Rol;\na@x.nl;A;17;owner;\n')
  expect(found.ok && found.file.unused).toEqual(['Personeelsnummer', 'Rol'])
})

describe('of two columns with addresses one is asked for', () => {
  const text = 'Naam;E-mail werk;E-mail privé\nA;a@werk.nl;a@thuis.nl\n'
  test('which', () =>
    expect(read(text)).toEqual({ ok: false, reason: 'which-email', columns: ['E-mail werk', 'E-mail privé'] }))
  test('and it is the one', () =>
    expect(people(read(text, { emailColumn: 'E-mail privé' }))).toMatchObject([{ email: 'a@thuis.nl' }]))
  test('unless there is none of that name', () =>
    expect(read(text, { emailColumn: 'E-mail' })).toMatchObject({ reason: 'which-email' }))
})

describe('a file is not taken', () => {
  test.each<[string, string | Buffer, string]>([
    ['with nothing in it', '', 'empty'],
    ['with headings only', 'email;naam\n', 'empty'],
    ['that is a workbook', Buffer.from('PK\x03\x04…'), 'no-csv'],
    ['that is an older workbook', Buffer.from('d0cf11e0a1b11ae1', 'hex'), 'no-csv'],
    ['with NUL in it', 'email;naam\na@x.nl;A\0B\n', 'encoding'],
    ['that is half of UTF-16', Buffer.from([0xff, 0xfe, 0x00, 0xd8, 0x41, 0x00]), 'encoding'],
    ['with a quote that nobody closes', `email;naam\n"a@x.nl;A\n${'b@x.nl;B\n'.repeat(2000)}`, 'quotes'],
    ['without addresses', 'naam;afdeling\nA;IT\n', 'no-email'],
    ['that names a separator of its own', 'sep=|\nemail|naam\na@x.nl|A\n', 'no-email'],
    ['that names a quote as its separator', 'sep="\nemail"naam\na@x.nl"A\n', 'no-email'],
    ['without names', 'email;voornaam\na@x.nl;A\n', 'no-name'],
    ['with two columns of one meaning', 'email;naam;Name\na@x.nl;A;B\n', 'twice'],
    ['with a column for citizen service numbers', 'email;naam;BSN\na@x.nl;A;\n', 'citizen-numbers'],
    [
      'with such numbers under another heading',
      'email;naam;Nummer\na@x.nl;A;111222333\nb@x.nl;B;123456782\n',
      'citizen-numbers',
    ],
    [
      'with such numbers without their zeros',
      'email;naam;Nr\na@x.nl;A;10464554\nb@x.nl;B;12345672\n',
      'citizen-numbers',
    ],
    ...[
      '123_456782',
      '123/456782',
      '123  456782',
      '123456782.0',
      '123\u200b456782',
      '123\u2011456782',
      '<123.456/782>',
    ].map((spelled): [string, string, string] => [
      `with such a number as ${spelled}`,
      `email;naam;Nr\na@x.nl;A;${spelled}\n`,
      'citizen-numbers',
    ]),
    [
      'with such numbers and a zero before each',
      'email;naam;Nr\na@x.nl;A;0111222333\nb@x.nl;B;0123456782\nc@x.nl;C;0010464554\n',
      'citizen-numbers',
    ],
    ['of more than 200 columns', `email;naam${';'.repeat(199)}\na@x.nl;A\n`, 'too-many-columns'],
    ['of more than 10,000 lines', `email;naam\n${'a@x.nl;A\n'.repeat(10_001)}`, 'too-many-lines'],
    ['of more than 20,000 lines with nothing in them', `email;naam\n${';\n'.repeat(20_000)}`, 'too-many-lines'],
  ])('%s', (_what, text, reason) => expect(faultOf(read(text))).toBe(reason))
})

test('a file of a quarter of a million lines is refused in little time', () => {
  const began = performance.now()
  expect(faultOf(read(`email;naam\n${'a;b\n'.repeat(260_000)}`))).toBe('too-many-lines')
  expect(performance.now() - began).toBeLessThan(3000)
})

test('numbers of nine digits that are no citizen service numbers are no fault, nor is one that all have in common', () => {
  const lines = Array.from({ length: 20 }, (_, index) => `p${index}@x.nl;P;${100_000_000 + index};111222333`)
  expect(faultOf(read(`email;naam;Personeelsnummer;KvK\n${lines.join('\n')}\n`))).toEqual([])
})

test('nor are phone numbers, numbers of other lengths and moments', () => {
  const row = '06-11122233;+31 (0)6 1112 2233;0111222333;1112223330;2026-11-22;1-2-2026 9:30;11.122.233'
  expect(faultOf(read(`email;naam;a;b;Telefoon;c;d;e;f\na@x.nl;A;${row}\n`))).toEqual([])
})

test('a file whose cells go on and on between two digits is read in little time: nobody who signs in waits for it', () => {
  const lines = Array.from({ length: 100 }, (_, index) => `p${index}@x.nl;P;${index}${'x'.repeat(9900)}1`)
  const began = performance.now()
  expect(faultOf(read(`email;naam;Opmerking\n${lines.join('\n')}\n`))).toEqual([])
  expect(performance.now() - began).toBeLessThan(1000)
})

describe('a line is refused', () => {
  test.each<[string, string | Buffer, unknown[]]>([
    ['without an address', ';A', [2, 'email', 'required']],
    ['with something that is no address', 'sanne at x.nl;A', [2, 'email', 'format']],
    ['with two addresses', 'a@x.nl, b@x.nl;A', [2, 'email', 'format']],
    ['without a name', 'a@x.nl;', [2, 'name', 'required']],
    ['with a name that is too long', `a@x.nl;${'x'.repeat(81)}`, [2, 'name', 'too-long']],
    ['with a sign that turns text around', 'a@x.nl;A\u202eB', [2, 'name', 'format']],
    ['with a control character', 'a@x.nl;A\u0007B', [2, 'name', 'format']],
    ['with a sign that stands for a lost one', 'a@x.nl;A\ufffd', [2, 'name', 'format']],
    ['with a formula for a name', 'a@x.nl;"de =HYPERLINK(""http://x.nl"")"', [2, 'name', 'format']],
    [
      'with a citizen service number for a name',
      'a@x.nl;A 111222333\nb@x.nl;B\nc@x.nl;C\nd@x.nl;D',
      [2, 'name', 'citizen-number'],
    ],
    ['with more cells than headings', 'a@x.nl;A;nl;x', [2, 'line', 'columns']],
    ['in another language', 'a@x.nl;A;Klingon', [2, 'language', 'unknown']],
    ['for an address that is there', 'a@x.nl;A\n A@X.NL ;A', [3, 'email', 'twice']],
    ['for an address that is there in another spelling', 'a@пост.рф;A\na@xn--n1abhe.xn--p1ai;A', [3, 'email', 'twice']],
    ['in two encodings', Buffer.concat([latin('a@x.nl;Zoë\nb@x.nl;'), Buffer.from('Zoë')]), [3, 'line', 'encoding']],
  ])('%s', (_what, lines, fault) =>
    expect(faultOf(read(Buffer.concat([Buffer.from('email;naam;taal\n'), Buffer.from(lines as string)])))).toEqual([
      fault,
    ]),
  )
})

test('everything that is wrong with a line is told at once', () => {
  expect(faultOf(read('email;naam;taal\nnobody;;xx\n'))).toEqual([
    [2, 'email', 'format'],
    [2, 'name', 'required'],
    [2, 'language', 'unknown'],
  ])
})
