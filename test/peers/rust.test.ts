/** An application in Rust, by its library's own quick start; see docs/applications.md. */
import { peers } from '../support/peers/peer.ts'

peers([{ library: 'openidconnect-rs', needs: ['rust'], run: ['.made/target/debug/roster'] }])
