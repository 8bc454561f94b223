/** A carrier that takes a message as plain text, with the number in the address. */
import type { Addition } from './scratch.ts'

export const carrier: Addition = {
  row: 'an SMS carrier',
  apply(copy) {
    copy.add(
      'src/delivery/pigeon.ts',
      `/** Pigeon Post: PUT the text to the number's own address; 202 is the acceptance. */
import { AppError } from '../lib/errors.ts'
import { carrierUrl, LIMIT, mustBeNumber, post } from './carrier-request.ts'
import type { Carrier } from './sms-gateway.ts'

export function pigeon({ loft, token }: { loft: string; token: string }): Carrier {
  const base = carrierUrl(loft)
  return async (to, text, id, signal) => {
    mustBeNumber(to)
    const headers = { authorization: \`Bearer \${token}\`, 'content-type': 'text/plain', 'idempotency-key': id }
    const url = new URL(\`/to/\${encodeURIComponent(to)}\`, base).href
    const refusal = await post({ carrier: 'pigeon', url, headers, body: text, limit: LIMIT, signal }, (status) => status === 202)
    if (refusal) throw new AppError(\`pigeon-\${refusal.status}\`, 'a carrier did not take a text message', refusal)
  }
}
`,
    )
    const list = 'src/delivery/sms-carriers.ts'
    copy.insert(list, 'before', 'import { type Carrier,', "import { pigeon } from './pigeon.ts'\n")
    copy.insert(
      list,
      'after',
      "z.strictObject({ kind: z.literal('http'), url: webAddress, token: variable }),\n",
      "  z.strictObject({ kind: z.literal('pigeon'), loft: webAddress, token: variable }),\n",
    )
    copy.insert(
      list,
      'before',
      "    case 'http':\n",
      "    case 'pigeon':\n      return pigeon({ loft: settings.loft, token: secret })\n",
    )
    copy.insert('docs/operating.md', 'after', '`{ kind: http, url, token }`', ', `{ kind: pigeon, loft, token }`')
  },
  test: {
    project: 'unit',
    text: `
import { createServer } from 'node:http'
import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { expect, onTestFinished, test } from 'vitest'
import { smsCarrier, smsCarrierSettings } from '../../../src/delivery/sms-carriers.ts'
import { settings } from '../../../src/settings.ts'

test('it is taken by the settings, and carries a message', async () => {
  const got: string[] = []
  const server = createServer((request, response) => {
    got.push(\`\${request.url} \${request.headers.authorization}\`)
    response.writeHead(got.length === 1 ? 202 : 500).end()
  }).listen(0, '127.0.0.1')
  onTestFinished(() => void server.close())
  await once(server, 'listening')
  const loft = \`http://127.0.0.1:\${(server.address() as AddressInfo).port}\`
  const carriers = [{ kind: 'pigeon', loft, token: 'PIGEON_TOKEN' }]
  const least = { issuer: 'https://id.example.org', listen: { port: 1 }, operations: { port: 2 } }
  expect(settings.parse({ ...least, twoStep: { sms: { carriers } } }).twoStep.sms.carriers).toEqual(carriers)
  const send = smsCarrier(smsCarrierSettings.parse(carriers[0]), 'secret')
  await send('+31612345678', '123456', 'id')
  expect(got).toEqual(['/to/%2B31612345678 Bearer secret'])
  await expect(send('+31612345678', '123456', 'id')).rejects.toMatchObject({ code: 'pigeon-500' })
})
`,
  },
  tests: ['test/unit/config'],
}
