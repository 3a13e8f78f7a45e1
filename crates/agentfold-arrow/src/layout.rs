//! [`Layout`]: the columns that a table has. [`Builder`]: its rows, in batches.

use std::collections::HashMap;
use std::sync::Arc;

use agentfold::Id;
use agentfold::names::Names;
use arrow_array::cast::AsArray;
use arrow_array::types::Int32Type;
use arrow_array::{Array, ArrayRef, DictionaryArray, RecordBatch, StringArray, StructArray};
use arrow_schema::{DataType, Field, FieldRef, Schema, SchemaRef};
use serde::{Deserialize, Serialize};

use crate::column::{Column, Misshapen, Named};
use crate::form::{Form, Strings};

/// The columns that a table has: those of its rows, some of them, and some that are derived from them.
#[derive(Debug, Clone)]
pub struct Layout {
    named: &'static [Named],
    form: Form,
    /// `None` for all columns.
    kept: Option<Arc<[&'static str]>>,
    names: Option<Arc<Names>>,
}

/// What is derived from a column of text.
#[derive(Debug, Clone, Copy)]
enum Derived {
    AgentName,
    GroupName,
    /// The field of a value that is an object.
    Field(&'static str),
}

impl Layout {
    /// Returns the layout of a table with these columns.
    pub fn new(named: &'static [Named], form: Form) -> Layout {
        Layout { named, form, kept: None, names: None }
    }

    /// Keeps some of the columns.
    pub(crate) fn keep(self, keep: impl Fn(&str) -> bool) -> Layout {
        let kept = self.named.iter().map(|(name, _)| *name).filter(|name| keep(name));
        Layout { kept: Some(kept.collect()), ..self }
    }

    /// Adds columns with names: `agent_name` after `agent_id`, and `group_name` after `group_id`.
    #[must_use]
    pub fn with_names(self, names: Arc<Names>) -> Layout {
        Layout { names: Some(names), ..self }
    }

    /// Returns the names and types of the columns.
    pub fn schema(&self) -> SchemaRef {
        self.builder().batch().schema()
    }

    /// Returns a builder of batches of the table.
    pub fn builder(&self) -> Builder {
        Builder { columns: Column::of(self.named, self.form), layout: self.clone() }
    }

    /// Returns rows in the columns that the table has.
    fn batch(&self, rows: &StructArray) -> RecordBatch {
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
            (Derived::AgentName, Some(names)) => {
                text.parse::<Id>().ok().and_then(|id| names.agent(id)).map(str::to_owned)
            }
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

/// Builds batches of a table from rows: any data whose fields are named as the columns.
///
/// A field that a row does not have is null.
pub struct Builder {
    columns: Column,
    layout: Layout,
}

impl Builder {
    /// Appends a row.
    ///
    /// # Errors
    /// [`Misshapen`] if the row has a field that is not a column, or a value of another type than its column.
    /// Then the rows since the last batch are of no use.
    #[inline]
    pub fn push<R: Serialize + ?Sized>(&mut self, row: &R) -> Result<(), Misshapen> {
        self.columns.push(row)
    }

    /// Returns the number of rows since the last batch.
    pub fn len(&self) -> usize {
        self.columns.len()
    }

    /// Returns whether there are no rows since the last batch.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Returns about how many bytes the rows since the last batch take, without the names of agents and groups.
    /// Text that repeats counts as often as it was appended.
    pub fn bytes(&self) -> usize {
        self.columns.bytes()
    }

    /// Returns the rows since the last batch, and begins the next one.
    pub fn batch(&mut self) -> RecordBatch {
        self.layout.batch(&self.columns.take_rows())
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
