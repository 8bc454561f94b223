/**
 * Makes the three MongoDB servers one replica set and creates its two users. Run by mongosh at every `up`; does what is
 * missing, and gives the product's user the password that the environment has now.
 *
 * It has to call from the first server's own machine: as long as there is no user at all, MongoDB lets nobody else in
 * («localhost exception»), and creating the first user ends that for good.
 */
const { SIGMA_MONGODB_ADMIN_PASSWORD: adminPassword, SIGMA_MONGODB_PASSWORD: password } = process.env
const admin = connect('mongodb://127.0.0.1:27017/admin?directConnection=true')

/** The first server is preferred as primary, so that it is the one on which users can be created. */
const members = ['mongo-1', 'mongo-2', 'mongo-3'].map((name, index) => ({
  _id: index,
  host: `${name}:27017`,
  priority: index === 0 ? 2 : 1,
}))

function isKnown() {
  try {
    admin.auth('admin', adminPassword)
    return true
  } catch {
    return false
  }
}

function isInitiated() {
  try {
    admin.adminCommand({ replSetGetStatus: 1 })
    return true
  } catch (error) {
    if (error.codeName === 'NotYetInitialized') return false
    throw error
  }
}

function waitForPrimary() {
  for (let tries = 0; tries < 120; tries += 1) {
    if (admin.hello().isWritablePrimary) return
    sleep(500)
  }
  throw new Error('mongo-1 did not become primary within a minute')
}

const known = isKnown()
if (!isInitiated()) admin.adminCommand({ replSetInitiate: { _id: 'sigma', members } })
waitForPrimary()
if (!known) {
  admin.createUser({ user: 'admin', pwd: adminPassword, roles: ['root'] })
  admin.auth('admin', adminPassword)
}

// May read and write its own database, and nothing else.
const product = admin.getSiblingDB('sigma-id')
if (product.getUser('sigma')) product.changeUserPassword('sigma', password)
else product.createUser({ user: 'sigma', pwd: password, roles: ['readWrite'] })
