//! The module with the calls that use up V8's budget for inlining.

use std::convert::Infallible;
use std::fmt;

use wasm_encoder::reencode::{Error, Reencode, utils};
use wasm_encoder::{CodeSection, Function, FunctionSection, Instruction, Module, TypeSection};
use wasmparser::{
    CodeSectionReader, FunctionBody, FunctionSectionReader, Operator, Parser, Payload, TypeRef, TypeSectionReader,
};

use crate::budget::{self, Growth};

/// What was done to a module.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Report {
    /// How many functions it has of its own.
    pub functions: usize,
    /// Their bytes.
    pub bytes: usize,
    /// What V8 would have inlined into them, at most.
    pub before: usize,
    /// What it inlines now, at most, besides fillers.
    pub after: usize,
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let [bytes, after, before] = [self.bytes, self.after, self.before].map(|bytes| bytes / 1_000);
        write!(f, "{} functions of {bytes} kB; V8 inlines up to {after} kB instead of {before} kB", self.functions)
    }
}

/// The module, so that V8 inlines next to nothing; what it does stays the same.
///
/// # Errors
///
/// What is no module.
pub fn without_inlining(module: &[u8]) -> Result<(Vec<u8>, Report), String> {
    let mut imported = 0;
    let mut bodies = Vec::new();
    for payload in Parser::new(0).parse_all(module) {
        match payload.map_err(|error| error.to_string())? {
            Payload::ImportSection(imports) => {
                let is_function = |import: &wasmparser::Import<'_>| matches!(import.ty, TypeRef::Func(_));
                imported += imports.into_imports().flatten().filter(is_function).count();
            }
            Payload::CodeSectionEntry(body) => bodies.push(body.range().len()),
            _ => {}
        }
    }
    let mut rewriting = Rewriting {
        growth: Growth::of(&bodies),
        first_filler: u32::try_from(imported + bodies.len()).map_err(|error| error.to_string())?,
        filler_type: 0,
        report: Report { functions: bodies.len(), bytes: bodies.iter().sum(), ..Report::default() },
    };
    let mut rewritten = Module::new();
    rewriting.parse_core_module(&mut rewritten, Parser::new(0), module).map_err(|error| error.to_string())?;
    let rewritten = rewritten.finish();
    wasmparser::validate(&rewritten).map_err(|error| format!("the module that was made is not valid: {error}"))?;
    Ok((rewritten, rewriting.report))
}

/// The way from one module to the other. The fillers are its last functions, so all others keep their indices.
struct Rewriting {
    growth: Growth,
    first_filler: u32,
    filler_type: u32,
    report: Report,
}

impl Reencode for Rewriting {
    type Error = Infallible;

    fn parse_type_section(
        &mut self,
        types: &mut TypeSection,
        section: TypeSectionReader<'_>,
    ) -> Result<(), Error<Infallible>> {
        utils::parse_type_section(self, types, section)?;
        self.filler_type = types.len();
        types.ty().function([], []);
        Ok(())
    }

    fn parse_function_section(
        &mut self,
        functions: &mut FunctionSection,
        section: FunctionSectionReader<'_>,
    ) -> Result<(), Error<Infallible>> {
        utils::parse_function_section(self, functions, section)?;
        for _ in budget::lengths() {
            functions.function(self.filler_type);
        }
        Ok(())
    }

    fn parse_function_body(&mut self, code: &mut CodeSection, body: FunctionBody<'_>) -> Result<(), Error<Infallible>> {
        let mut function = self.new_function_with_parsed_locals(&body)?;
        let mut operators = Vec::new();
        for operator in body.get_operators_reader()? {
            operators.push(operator?);
        }
        // What calls nothing has nothing to inline.
        if operators.iter().any(|operator| matches!(operator, Operator::Call { .. })) {
            let length = body.range().len();
            let (fillers, left) = self.growth.fillers(length);
            for filler in fillers {
                function.instruction(&Instruction::Call(self.index_of(filler)));
            }
            self.report.before += self.growth.budget(length);
            self.report.after += left;
        }
        for operator in operators {
            function.instruction(&self.instruction(operator)?);
        }
        code.function(&function);
        Ok(())
    }

    fn parse_code_section(
        &mut self,
        code: &mut CodeSection,
        section: CodeSectionReader<'_>,
    ) -> Result<(), Error<Infallible>> {
        utils::parse_code_section(self, code, section)?;
        for length in budget::lengths() {
            code.function(&filler(length));
        }
        Ok(())
    }
}

impl Rewriting {
    /// The function that is the filler of that length.
    fn index_of(&self, filler: usize) -> u32 {
        self.first_filler + filler.trailing_zeros() - budget::SHORTEST
    }
}

/// A function of so many bytes that does nothing. What stands behind its `return` is read and left out; of constants of 16 bytes
/// that is the fewest instructions.
fn filler(length: usize) -> Function {
    let mut function = Function::new([]);
    function.instruction(&Instruction::Return);
    while function.byte_len() + 20 < length {
        function.instruction(&Instruction::V128Const(0)).instruction(&Instruction::Drop);
    }
    for _ in function.byte_len() + 1..length {
        function.instruction(&Instruction::Nop);
    }
    function.instruction(&Instruction::End);
    function
}

#[cfg(test)]
mod tests {
    use wasm_encoder::{ExportKind, ExportSection, ValType};

    use super::*;

    /// Exports a function that calls another one twice, and ends with so many instructions that do nothing.
    fn caller(nothing: usize) -> Vec<u8> {
        let (mut types, mut functions) = (TypeSection::new(), FunctionSection::new());
        types.ty().function([ValType::I32], [ValType::I32]);
        functions.function(0).function(0);
        let mut exports = ExportSection::new();
        exports.export("twice", ExportKind::Func, 1);
        let (mut called, mut calling) = (Function::new([]), Function::new([]));
        called.instruction(&Instruction::LocalGet(0)).instruction(&Instruction::End);
        calling.instruction(&Instruction::LocalGet(0));
        calling.instruction(&Instruction::Call(0)).instruction(&Instruction::Call(0));
        for _ in 0..nothing {
            calling.instruction(&Instruction::Nop);
        }
        calling.instruction(&Instruction::End);
        let mut code = CodeSection::new();
        code.function(&called).function(&calling);
        let mut module = Module::new();
        module.section(&types).section(&functions).section(&exports).section(&code);
        module.finish()
    }

    /// The functions of a module: how long each is, and what it calls.
    fn functions(module: &[u8]) -> Vec<(usize, Vec<u32>)> {
        let code = Parser::new(0).parse_all(module).filter_map(|payload| match payload.unwrap() {
            Payload::CodeSectionEntry(body) => Some(body),
            _ => None,
        });
        let called = |operator: Operator<'_>| match operator {
            Operator::Call { function_index } => Some(function_index),
            _ => None,
        };
        code.map(|body| {
            let operators = body.get_operators_reader().unwrap().into_iter();
            (body.range().len(), operators.filter_map(|operator| called(operator.unwrap())).collect())
        })
        .collect()
    }

    #[test]
    fn what_calls_others_calls_fillers_first_and_keeps_its_own_calls() {
        let (finished, report) = without_inlining(&caller(500)).unwrap();
        let functions = functions(&finished);
        let fillers: Vec<usize> = functions[2..].iter().map(|(length, _)| *length).collect();
        assert_eq!(fillers, budget::lengths().collect::<Vec<_>>(), "each filler has the length that it is called for");
        assert!(functions[0].1.is_empty(), "what calls nothing is as it was");
        let calls = &functions[1].1;
        assert_eq!(calls[calls.len() - 2..], [0, 0]);
        let filled: usize = calls[..calls.len() - 2].iter().map(|call| functions[*call as usize].0).sum();
        assert_eq!(filled, 2_048 + 512 + 32, "of five times 523 bytes, as half of the functions are small");
        assert_eq!((report.functions, report.after), (2, 2_615 - filled), "{report:?}");
    }

    #[test]
    fn what_is_no_module_is_said() {
        for broken in [&b"no module"[..], &caller(3)[..20]] {
            without_inlining(broken).unwrap_err();
        }
    }
}
