// An API that tells whoever may read the payroll who they are.
import { createServer } from 'node:http'
import { createRemoteJWKSet, jwtVerify } from 'jose'

const { ISSUER, RESOURCE, PORT } = process.env

const keys = createRemoteJWKSet(new URL(`${ISSUER}/jwks`))

async function allowed(request, scope) {
  const [, token = ''] = /^Bearer (\S+)$/i.exec(request.headers.authorization ?? '') ?? []
  const { payload } = await jwtVerify(token, keys, { issuer: ISSUER, audience: RESOURCE, typ: 'at+jwt' })
  if (!payload.scope.split(' ').includes(scope)) throw new Error('insufficient_scope')
  return payload
}

createServer(async (request, response) => {
  try {
    const { sub, scope } = await allowed(request, 'payroll:read')
    response.end(JSON.stringify({ sub, scope }))
  } catch {
    response.writeHead(401).end()
  }
}).listen(Number(PORT), 'localhost')
