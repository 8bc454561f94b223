/** What a mail server has in its hands, read as the receiver's program reads it (RFC 2045, RFC 2047). */
export interface Letter {
  /** Names in lower case; encoded words decoded. */
  headers: Record<string, string>
  text: string
  html: string
}

interface Part {
  headers: Record<string, string>
  body: string
}

/** `raw` as it came over the line, one character a byte. */
export function readMail(raw: string): Letter {
  const whole = partOf(raw)
  const boundary = /boundary="?([^";]+)/.exec(whole.headers['content-type'] ?? '')?.[1] ?? ''
  const parts = whole.body
    .split(`--${boundary}`)
    .slice(1, -1)
    .map((text) => partOf(text.trim()))
  const find = (type: string) => parts.find(({ headers }) => headers['content-type']?.startsWith(type))
  return { headers: whole.headers, text: contentOf(find('text/plain')), html: contentOf(find('text/html')) }
}

function partOf(raw: string): Part {
  const end = raw.indexOf('\r\n\r\n')
  const lines = raw
    .slice(0, end)
    .replace(/\r\n[ \t]+/g, ' ')
    .split('\r\n')
  const headers = lines.map((line) => {
    const colon = line.indexOf(':')
    return [line.slice(0, colon).toLowerCase(), words(line.slice(colon + 1).trim())]
  })
  return { headers: Object.fromEntries(headers), body: raw.slice(end + 4) }
}

function contentOf(part: Part | undefined): string {
  if (!part) return ''
  const encoding = part.headers['content-transfer-encoding']
  const bytes =
    encoding === 'base64'
      ? Buffer.from(part.body, 'base64')
      : Buffer.from(encoding === 'quoted-printable' ? unquoted(part.body) : part.body, 'latin1')
  return bytes.toString('utf8').replaceAll('\r\n', '\n').trimEnd()
}

function unquoted(text: string): string {
  return text
    .replace(/=\r\n/g, '')
    .replace(/=([0-9A-F]{2})/gi, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)))
}

function words(value: string): string {
  return value
    .replace(/\?=\s+=\?/g, '?==?')
    .replace(/=\?utf-8\?([qb])\?(.*?)\?=/gi, (_, kind: string, text: string) => {
      if (kind.toLowerCase() === 'b') return Buffer.from(text, 'base64').toString('utf8')
      return Buffer.from(unquoted(text.replaceAll('_', ' ')), 'latin1').toString('utf8')
    })
}
