//! [`Layout`]: the columns that a table has.

use std::collections::HashMap;
use std::sync::Arc;

use agentfold::names::Names;
use arrow_array::cast::AsArray;
use arrow_array::types::Int32Type;
use arrow_array::{Array, ArrayRef, DictionaryArray, RecordBatch, StringArray, StructArray};
use arrow_schema::{DataType, Field, FieldRef, Schema, SchemaRef};
use serde::Deserialize;

use crate::column::{Column, Named};
use crate::form::{Form, Strings};
use crate::names::agent_name;

/// The columns that a table has: those of its rows, some of them, and some that are derived from them.
#[derive(Clone)]
pub(crate) struct Layout {
    named: &'static [Named],
    form: Form,
    /// `None` for all columns.
    kept: Option<Arc<[&'static str]>>,
    names: Option<Arc<Names>>,
}

/// What is derived from a column of text.
#[derive(Clone, Copy)]
enum Derived {
    AgentName,
    GroupName,
    /// The field of a value that is an object.
    Field(&'static str),
}

impl Layout {
    pub(crate) fn new(named: &'static [Named], form: Form) -> Layout {
        Layout { named, form, kept: None, names: None }
    }

    /// Keeps some of the columns.
    pub(crate) fn keep(self, keep: impl Fn(&str) -> bool) -> Layout {
        let kept = self.named.iter().map(|(name, _)| *name).filter(|name| keep(name));
        Layout { kept: Some(kept.collect()), ..self }
    }

    /// Adds columns with the names of agents and groups.
    pub(crate) fn with_names(self, names: Option<Names>) -> Layout {
        Layout { names: names.map(Arc::new), ..self }
    }

    /// An empty table to push rows to.
    pub(crate) fn columns(&self) -> Column {
        Column::of(self.named, self.form)
    }

    pub(crate) fn schema(&self) -> SchemaRef {
        self.batch(&self.columns().take_rows()).schema()
    }

    /// Returns rows in the columns that the table has.
    pub(crate) fn batch(&self, rows: &StructArray) -> RecordBatch {
        let mut all: Vec<(FieldRef, ArrayRef)> = Vec::new();
        for ((name, _), (field, array)) in
            self.named.iter().zip(rows.fields().iter().zip(rows.columns()))
        {
            if self.kept.as_ref().is_some_and(|kept| !kept.contains(name)) {
                continue;
            }
            match array.as_struct_opt() {
                Some(parts) if self.form.flat => {
                    let parts = parts.fields().iter().zip(parts.columns());
                    all.extend(parts.map(|(part, array)| {
                        let name = format!("{name}_{}", part.name());
                        (Arc::new(part.as_ref().clone().with_name(name)), array.clone())
                    }));
                }
                _ => all.push((field.clone(), array.clone())),
            }
            all.extend(self.derived(name).iter().map(|(name, derived)| {
                let array = self.text_of(array, *derived);
                (Arc::new(Field::new(*name, array.data_type().clone(), true)), array)
            }));
        }
        let (fields, arrays): (Vec<_>, Vec<_>) = all.into_iter().unzip();
        RecordBatch::try_new(Arc::new(Schema::new(fields)), arrays)
            .expect("INVARIANT: the arrays have the types and the length of the rows")
    }

    /// The columns that follow a column.
    fn derived(&self, name: &str) -> &'static [(&'static str, Derived)] {
        match name {
            "agent_id" if self.names.is_some() => &[("agent_name", Derived::AgentName)],
            "group_id" if self.names.is_some() => &[("group_name", Derived::GroupName)],
            "value" if self.form.flat => &[
                ("value_id", Derived::Field("id")),
                ("value_name", Derived::Field("name")),
                ("value_reason", Derived::Field("reason")),
            ],
            _ => &[],
        }
    }

    fn text_of(&self, column: &ArrayRef, derived: Derived) -> ArrayRef {
        let derive = |text: &str| match (derived, &self.names) {
            (Derived::AgentName, Some(names)) => agent_name(names, text).map(str::to_owned),
            (Derived::GroupName, Some(names)) => names.group(text).map(str::to_owned),
            (Derived::Field(name), _) => field_of(text, name),
            _ => None,
        };
        let texts = texts(column);
        // The same few texts are in most rows.
        let mut known: HashMap<&str, Option<String>> = HashMap::new();
        for text in texts.iter().flatten() {
            known.entry(text).or_insert_with(|| derive(text));
        }
        let derived = texts.iter().map(|text| text.and_then(|text| known[text].as_deref()));
        match self.form.strings {
            Strings::Plain => Arc::new(derived.collect::<StringArray>()),
            Strings::Dictionary => Arc::new(derived.collect::<DictionaryArray<Int32Type>>()),
        }
    }
}

/// Returns the texts of a column.
fn texts(column: &ArrayRef) -> Vec<Option<&str>> {
    match column.data_type() {
        DataType::Utf8 => column.as_string::<i32>().iter().collect(),
        _ => {
            let words = column.as_dictionary::<Int32Type>();
            let values = words.values().as_string::<i32>();
            let text = |key: Option<i32>| Some(values.value(usize::try_from(key?).ok()?));
            words.keys().iter().map(text).collect()
        }
    }
}

/// Returns a field of a value, if it is an object.
fn field_of(json: &str, name: &str) -> Option<String> {
    #[derive(Deserialize)]
    struct Parts {
        id: Option<String>,
        name: Option<String>,
        reason: Option<String>,
    }
    let parts: Parts = json.starts_with('{').then(|| serde_json::from_str(json).ok())??;
    match name {
        "id" => parts.id,
        "name" => parts.name,
        _ => parts.reason,
    }
}
