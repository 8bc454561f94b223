/** What sealing anew asks of a store beside the ports that there are: everything once, from one end to the other. */
import type { Parcel } from '../delivery/queue.ts'
import type { Artifact } from '../oidc/artifact.ts'
import type { Kind } from '../record/kind.ts'
import type { Found } from '../record/records.ts'

export type SealedParcel = Pick<Parcel, 'id' | 'channel' | 'sealed'>
export type SealedArtifact = Pick<Artifact, 'model' | 'key' | 'sealed'>

export interface SealedStore {
  /** A page at a time. What is found may be changed meanwhile; what comes meanwhile may be left out. */
  records<R extends object>(kind: Kind<R>): AsyncIterable<Array<Found<R>>>
  /** Also those that were given up. */
  parcels(): AsyncIterable<SealedParcel[]>
  /** Also what has expired and was not swept. */
  artifacts(): AsyncIterable<SealedArtifact[]>
  /** False, and nothing changed, if it is not there any more with what it is given with. */
  resealParcel(parcel: SealedParcel, sealed: string): Promise<boolean>
  /** Likewise. It stays as it is otherwise: whether it was used, and until when it lives. */
  resealArtifact(artifact: SealedArtifact, sealed: string): Promise<boolean>
}
