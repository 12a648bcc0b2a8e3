import { defineConfig } from 'eslint/config'
import tseslint from 'typescript-eslint'
import layers from './scripts/eslint/layers.js'

// byok's own rules, and the types of the plugin template. All others are oxlint's (`.oxlintrc.json`), which takes a fifth of the time to
// look at types.
export default defineConfig(
  { linterOptions: { reportUnusedDisableDirectives: 'error' } },
  {
    // oxlint takes its own tsconfig.json, which is for who copies it; here byok is this repository's.
    files: ['examples/plugin-template/**/*.ts'],
    extends: [tseslint.configs.recommendedTypeChecked],
    languageOptions: { parserOptions: { project: './tsconfig.json', tsconfigRootDir: import.meta.dirname } },
    rules: {
      '@typescript-eslint/switch-exhaustiveness-check': ['error', { considerDefaultExhaustiveForUnions: true }],
      '@typescript-eslint/unbound-method': 'off',
      // An async function that happens not to wait still keeps its contract: it returns a promise and never throws.
      '@typescript-eslint/require-await': 'off',
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true, allowBoolean: true }],
    },
  },
  {
    // What a test reads from the wire it states by what it expects.
    files: ['examples/plugin-template/test/*.ts'],
    rules: {
      '@typescript-eslint/no-unsafe-argument': 'off',
      '@typescript-eslint/no-unsafe-assignment': 'off',
      '@typescript-eslint/no-unsafe-call': 'off',
      '@typescript-eslint/no-unsafe-member-access': 'off',
      '@typescript-eslint/no-unsafe-return': 'off',
    },
  },
  {
    files: ['src/**/*.ts', 'src/**/*.tsx'],
    languageOptions: { parser: tseslint.parser },
    plugins: { byok: { rules: { layers } }, '@typescript-eslint': tseslint.plugin },
    rules: {
      'byok/layers': 'error',
      '@typescript-eslint/no-restricted-imports': [
        'error',
        {
          paths: [
            {
              name: 'undici',
              allowTypeImports: true,
              message: 'Take undici/index.js: on Bun the bare name is an imitation.',
            },
          ],
        },
      ],
    },
  },
  {
    // V8 takes a function that is assigned to a property where it is written for a part of something that stays
    // (`CheckAssigningFunctionLiteralToProperty` in its src/parsing/parser.h), and one that an object literal has as its getter, as
    // `node --trace-gc` shows: it puts it among the old at once. There it holds on to all that it knows until a full collection, though
    // the request that it was for is long over, which was a fifth of what a stream cost.
    files: ['src/{core,adapters,plugins}/**/*.ts'],
    // Its objects stay.
    ignores: ['src/core/start/create-byok.ts'],
    rules: {
      'no-restricted-syntax': [
        'error',
        {
          selector:
            'AssignmentExpression[left.type="MemberExpression"] > :matches(ArrowFunctionExpression, FunctionExpression).right',
          message:
            'V8 keeps such a function, and all that it knows, until a full collection: give it to a method, or make it a constant first.',
        },
        {
          selector: 'ObjectExpression > Property[kind=/^[gs]et$/]',
          message:
            'V8 keeps such a getter, and all that it knows, until a full collection: write a method, or a class.',
        },
      ],
    },
  },
)
