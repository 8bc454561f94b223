/** Applications on Node, each by its library's own quick start; see docs/applications.md. */
import { peers } from '../support/peer.ts'

peers([{ library: 'openid-client-6', run: [process.execPath, 'server.js'] }])
