// Prints, for a shell, a key that libSQL's server knows tokens by, and a token of it that may read and write
// (tursodatabase/libsql docs/DOCKER.md, `SQLD_AUTH_JWT_KEY`; libsql-server/src/auth/user_auth_strategies/jwt.rs).
import { generateKeyPairSync, sign } from 'node:crypto'

const { publicKey, privateKey } = generateKeyPairSync('ed25519')
const base64url = (bytes: string | Uint8Array) => Buffer.from(bytes).toString('base64url')
const claims = `${base64url('{"alg":"EdDSA","typ":"JWT"}')}.${base64url('{}')}`
console.log(`export SQLD_AUTH_JWT_KEY=${publicKey.export({ format: 'jwk' }).x}`)
console.log(`export LIBSQL_AUTH_TOKEN=${claims}.${base64url(sign(null, Buffer.from(claims), privateKey))}`)
