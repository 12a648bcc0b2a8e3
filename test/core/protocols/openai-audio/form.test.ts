import { expect, it } from 'vitest'
import { audioAsForm } from '../../../../src/core/protocols/openai-audio/form.ts'
import { writtenForm } from '../../../../src/core/upstream/written-form.ts'

it('writes a recording without a name as a file all the same', async () => {
  const { type, bytes } = await writtenForm(audioAsForm({ file: new File(['fox'], '') }))
  const form = await new Response(bytes, { headers: { 'content-type': type } }).formData()
  expect(form.get('file')).toBeInstanceOf(File)
})
