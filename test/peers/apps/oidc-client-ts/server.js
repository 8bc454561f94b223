import { readFileSync } from 'node:fs'
import { createServer } from 'node:http'

const { ISSUER, CLIENT_ID, PORT, OWN_SWITCHES } = process.env

const SETTINGS = { ISSUER, CLIENT_ID, OWN_SWITCHES: OWN_SWITCHES !== undefined }

const PACKAGES = {
  '/oidc-client-ts.js': 'node_modules/oidc-client-ts/dist/esm/oidc-client-ts.js',
  '/jwt-decode.js': 'node_modules/jwt-decode/build/esm/index.js',
  '/app.js': 'app.js',
}

function file(path) {
  if (path === '/settings.js') return `export const { ISSUER, CLIENT_ID, OWN_SWITCHES } = ${JSON.stringify(SETTINGS)}`
  return readFileSync(PACKAGES[path] ?? 'index.html')
}

createServer((request, response) => {
  const { pathname } = new URL(request.url, 'http://localhost')
  response.setHeader('content-type', pathname.endsWith('.js') ? 'text/javascript' : 'text/html')
  response.end(file(pathname))
}).listen(PORT, '127.0.0.1')
