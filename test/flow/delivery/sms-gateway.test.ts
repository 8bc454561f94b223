/** Text messages handed to a carrier over HTTP: what is sent, what each answer means, and what an error may say. */
import { inspect } from 'node:util'
import { beforeEach, expect, test } from 'vitest'
import { isPermanent, reasonOf } from '../../../src/delivery/attempt.ts'
import { type Carrier, httpGateway, twilio } from '../../../src/delivery/sms-gateway.ts'
import { AppError } from '../../../src/lib/errors.ts'
import { readTraceparent } from '../../../src/lib/trace-context.ts'
import { continued } from '../../../src/lib/tracing.ts'
import { carrierServer, reply, silence, twilioError } from '../../support/delivery/carrier-server.ts'
import { forEachTest } from '../../support/runner/made.ts'

const TO = '+31612345678'
const TEXT = '123456 is your Sigma code.\n\n@id.sigma.example #123456'
const TOKEN = 'gateway-token-of-nobody'

let twilioCarrier: Carrier
let gateway: Carrier
/** The same two, for a carrier that does not answer: they wait less than a busy machine may take for an answer. */
let hasty: { twilioCarrier: Carrier; gateway: Carrier }

const server = forEachTest(carrierServer)
beforeEach(async () => {
  const carriers = (limit: number) => ({
    twilioCarrier: twilio({ accountSid: 'AC1', authToken: TOKEN, from: 'Sigma', baseUrl: server.url, limit }),
    gateway: httpGateway({ url: `${server.url}/messages`, token: TOKEN, headers: { 'x-tenant': 'sigma' }, limit }),
  })
  ;({ twilioCarrier, gateway } = carriers(10_000))
  hasty = carriers(1000)
})

async function failure(carrier: Carrier, to = TO): Promise<AppError> {
  const error = await carrier(to, TEXT, 'parcel-1').catch((reason: unknown) => reason)
  if (!(error instanceof AppError)) throw new Error('the message was taken')
  return error
}

test('Twilio gets what its API documents', async () => {
  await twilioCarrier(TO, TEXT, 'parcel-1')
  const [call] = server.calls
  expect(call?.method).toBe('POST')
  expect(call?.path).toBe('/2010-04-01/Accounts/AC1/Messages.json')
  expect(call?.headers.authorization).toBe(`Basic ${Buffer.from(`AC1:${TOKEN}`).toString('base64')}`)
  expect(call?.headers['content-type']).toBe('application/x-www-form-urlencoded')
  expect(Object.fromEntries(new URLSearchParams(call?.body))).toEqual({
    To: TO,
    From: 'Sigma',
    Body: TEXT,
    ValidityPeriod: '300',
  })
})

test('a gateway is told the trace that its message belongs to; a company beyond it is not', async () => {
  const header = '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01'
  await continued('sms.send', header, async () => {
    await gateway(TO, TEXT, 'parcel-1')
    await twilioCarrier(TO, TEXT, 'parcel-1').catch(() => undefined)
  })
  await gateway(TO, TEXT, 'parcel-1')
  const [traced, beyond, untraced] = server.calls.map(({ headers }) => headers.traceparent)
  expect(readTraceparent(traced)?.trace).toBe('4bf92f3577b34da6a3ce929d0e0e4736')
  expect(traced).not.toBe(header)
  expect([beyond, untraced]).toEqual([undefined, undefined])
})

test('a messaging service stands in for the sender', async () => {
  const carrier = twilio({ accountSid: 'AC1', authToken: TOKEN, messagingServiceSid: 'MG1', baseUrl: server.url })
  await carrier(TO, TEXT, 'parcel-1')
  const sent = new URLSearchParams(server.calls[0]?.body)
  expect([sent.get('MessagingServiceSid'), sent.has('From')]).toEqual(['MG1', false])
})

test('a gateway gets the number, the text and the id, which is its idempotency key', async () => {
  server.answer(reply(202))
  await gateway(TO, TEXT, 'parcel-1')
  const [call] = server.calls
  expect(JSON.parse(call?.body ?? '')).toEqual({ to: TO, text: TEXT, id: 'parcel-1' })
  expect(call?.headers).toMatchObject({
    authorization: `Bearer ${TOKEN}`,
    'idempotency-key': 'parcel-1',
    'x-tenant': 'sigma',
    'content-type': 'application/json',
  })
})

test.each([21211, 21265, 21610, 21614, 21635])(
  'a number that Twilio refuses with %i is not tried again',
  async (code) => {
    server.answer(twilioError(400, code))
    const error = await failure(twilioCarrier)
    expect([isPermanent(error), reasonOf(error)]).toEqual([true, `twilio-${code}`])
  },
)

test.each([
  ['a region that is switched off', twilioError(400, 21408), 'twilio-21408'],
  ['wrong credentials', twilioError(401, 20003), 'twilio-20003'],
  ['no JSON', reply(500, '<h1>Internal Server Error</h1>'), 'twilio-500'],
  ['JSON of another shape', reply(400, '[null]'), 'twilio-400'],
  ['JSON that is null', reply(400, 'null'), 'twilio-400'],
  ['a code that is text', reply(400, '{"code":"21211 +31612345678"}'), 'twilio-400'],
  ['a success that is not Twilio’s', reply(200, '<h1>Please log in to the network</h1>'), 'twilio-200'],
])('Twilio answers %s: it may be tried again', async (_what, answer, code) => {
  server.answer(answer)
  const error = await failure(twilioCarrier)
  expect([isPermanent(error), reasonOf(error)]).toEqual([false, code])
})

test.each([
  [410, true],
  [422, true],
  [400, false],
  [401, false],
  [404, false],
  [500, false],
  [503, false],
])('a gateway that answers %i has refused for good: %s', async (status, permanent) => {
  server.answer(reply(status))
  const error = await failure(gateway)
  expect([isPermanent(error), reasonOf(error)]).toEqual([permanent, `gateway-${status}`])
})

test('a carrier that is asked too often says when it may be asked again', async () => {
  server.answer(twilioError(429, 20429, { 'retry-after': '7' }))
  expect(await failure(twilioCarrier)).toMatchObject({ code: 'twilio-20429', retryAfter: 7 })
  server.answer(reply(429, '', { 'retry-after': 'Fri, 31 Dec 1999 23:59:59 GMT' }))
  expect(await failure(gateway)).toMatchObject({ code: 'gateway-429', retryAfter: undefined })
})

test('a carrier that says nothing is left after the time-out, and its connection closed', async () => {
  server.answer(silence)
  expect((await failure(hasty.gateway)).code).toBe('gateway-timed-out')
  await server.hungUp()
})

test('a carrier that accepts too late has not accepted', async () => {
  const late = Promise.withResolvers<void>()
  server.answer((response) => void late.promise.then(() => reply(201)(response)))
  expect((await failure(hasty.twilioCarrier)).code).toBe('twilio-timed-out')
  late.resolve()
  expect(server.calls.length).toBeLessThan(2)
})

test('a carrier that accepts and then says nothing more has accepted', async () => {
  server.answer((response) => void response.writeHead(201, { 'content-length': '1000' }).write('{'))
  await twilioCarrier(TO, TEXT, 'parcel-1')
})

test('a refusal whose explanation never ends is a refusal', async () => {
  server.answer((response) => void response.writeHead(503).write('wait'))
  const patient = httpGateway({ url: server.url, limit: 2000 })
  expect((await failure(patient)).code).toBe('gateway-503')
})

test('a carrier that is not there, or hangs up, is unreachable', async () => {
  server.answer((response) => void response.destroy())
  expect((await failure(gateway)).code).toBe('gateway-unreachable')
  const nobody = httpGateway({ url: 'http://127.0.0.1:1/', token: TOKEN })
  expect((await failure(nobody)).code).toBe('gateway-unreachable')
})

test('a redirect is not followed: neither message nor credentials go where nobody configured', async () => {
  const elsewhere = await carrierServer()
  server.answer(reply(307, '', { location: elsewhere.url }))
  expect((await failure(twilioCarrier)).code).toBe('twilio-307')
  expect((await failure(gateway)).code).toBe('gateway-307')
  expect(elsewhere.calls).toEqual([])
  await elsewhere.close()
})

test('a giant answer is not read to its end', async () => {
  server.answer((response) => {
    response.writeHead(500)
    const more = () => {
      while (!response.destroyed && response.write(Buffer.alloc(65_536, 'x')));
    }
    response.on('drain', more)
    more()
  })
  const patient = httpGateway({ url: server.url, limit: 10_000 })
  const began = performance.now()
  expect((await failure(patient)).code).toBe('gateway-500')
  await server.hungUp()
  // Before the time for it is over.
  expect(performance.now() - began).toBeLessThan(9_000)
})

test('no error says the number, the text or the credentials, however it is shown', async () => {
  for (const answer of [twilioError(400, 21211), twilioError(429, 20429), silence, reply(500, `${TO} ${TEXT}`)]) {
    for (const carrier of Object.values(answer === silence ? hasty : { twilioCarrier, gateway })) {
      server.answer(answer)
      const shown = inspect(await failure(carrier), { depth: 9, showHidden: true })
      expect(shown).not.toMatch(/612345678|123456|gateway-token|QUMx/)
    }
  }
})

test.each(['0612345678', 'whatsapp:+31612345678', '+31612345678, +31687654321', '+31 6', ''])(
  'what is not one number in E.164 (%j) does not leave',
  async (to) => {
    expect(isPermanent(await failure(twilioCarrier, to))).toBe(true)
    expect(isPermanent(await failure(gateway, to))).toBe(true)
    expect(server.calls).toEqual([])
  },
)

test('credentials do not cross a network in clear, and a bad token is refused without being quoted', () => {
  expect(() => httpGateway({ url: 'http://sms.example/' })).toThrow('https')
  expect(() => httpGateway({ url: 'https://me:secret@sms.example/' })).toThrow('https')
  expect(() => twilio({ accountSid: 'AC1', authToken: 'x', from: 'S', baseUrl: 'http://127.sms.example' })).toThrow()
  expect(() => httpGateway({ url: 'https://sms.example/', token: 'secret\nline' })).toThrow(/^(?!.*secret).*header/)
})
