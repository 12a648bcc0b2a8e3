import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, it } from 'vitest'
import { formOf } from '../../src/adapters/internal/parsed-form.ts'

/* What parsers of forms leave on a request, as one form again. */

const folder = mkdtempSync(join(tmpdir(), 'byok-form-'))
const onDisk = join(folder, 'upload_1')
writeFileSync(onDisk, 'the sound of a fox')
afterAll(() => rmSync(folder, { recursive: true }))

const mimetype = 'audio/mpeg'
const buffer = Buffer.from('the sound of a fox')

it.each<[string, unknown]>([
  // expressjs/multer lib/make-middleware.js, storage/memory.js
  ['multer in memory', [{ fieldname: 'file', originalname: 'fox.mp3', mimetype, buffer }]],
  ['multer in memory, by fields', { file: [{ fieldname: 'file', originalname: 'fox.mp3', mimetype, buffer }] }],
  // storage/disk.js
  ['multer on disk', [{ fieldname: 'file', originalname: 'fox.mp3', mimetype, filename: 'upload_1', path: onDisk }]],
  // richardgirges/express-fileupload lib/fileFactory.js
  ['express-fileupload', { file: { name: 'fox.mp3', data: buffer, tempFilePath: '', mimetype } }],
  ['express-fileupload on disk', { file: { name: 'fox.mp3', data: Buffer.alloc(0), tempFilePath: onDisk, mimetype } }],
  // node-formidable/formidable src/PersistentFile.js, by koa-body
  ['formidable', { file: [{ filepath: onDisk, newFilename: 'upload_1', originalFilename: 'fox.mp3', mimetype }] }],
])('finds the file that %s put away', async (_parser, files) => {
  const file = (await formOf({ model: 'whisper-1' }, files)).get('file')
  expect(file).toMatchObject({ name: 'fox.mp3', type: mimetype })
  expect(await (file as File).text()).toBe('the sound of a fox')
})

it('says so where a file is nowhere to be found', async () => {
  const files = [{ fieldname: 'file', originalname: 'fox.mp3', bucket: 'b', key: 'k' }]
  await expect(formOf({}, files)).rejects.toThrow(/took the file "fox.mp3" out of a form, .* put byok before it/)
})

it('names lists and objects as clients do', async () => {
  const fields = { model: 'm', include: ['logprobs'], 'known[]': ['a', 'b'], chunking_strategy: { type: 'server_vad' } }
  expect([...(await formOf(fields, [undefined]))]).toEqual([
    ['model', 'm'],
    ['include[]', 'logprobs'],
    ['known[]', 'a'],
    ['known[]', 'b'],
    ['chunking_strategy[type]', 'server_vad'],
  ])
})
